/*
 * jobs.c - provisor jobs list, show, retry and cancel.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/rows.h"
#include "cgi/cli/wrap.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/db/db.h"
#include "lib/store/job.h"
#include "lib/store/job_list.h"
#include "lib/store/job_operator.h"
#include "lib/text/json.h"
#include "lib/text/number.h"

/* The columns of tables; --json prints all members. */
static const char *const job_columns[] = {
	"id",    "kind",     "state",      "at", "attempts",
	"addon", "resource", "last_error", NULL,
};

/* Return the kind with this name, or NULL if this release does not know it. */
static const struct job_kind_info *find_kind(const char *name)
{
	enum job_kind kind;

	return job_kind_named(name, &kind) ? &job_kinds[kind] : NULL;
}

/* Return all kinds, as "provision, change-plan or rotate". */
static const char *list_kinds(struct arena *arena)
{
	const char *list = job_kinds[0].name;

	for (int i = 1; i < JOB_KINDS; i++)
		list = arena_printf(arena, "%s%s%s", list,
				    i < JOB_KINDS - 1 ? ", " : " or ",
				    job_kinds[i].name);
	return list;
}

/* ---- list ---- */

int cli_jobs_list(const struct cli *cli)
{
	const struct job_query query = {
		.kind = cli_option(cli, OPTION_KIND),
		.resource = cli_option(cli, OPTION_RESOURCE),
		.has_given_up = cli_has(cli, OPTION_GAVE_UP),
		.with_done = cli_has(cli, OPTION_ALL),
		.limit = (int)cli_number(cli, OPTION_LIMIT),
	};
	struct json_rows found;
	struct db *db;
	enum outcome outcome;

	if (query.kind && !find_kind(query.kind))
		return cli_refuse("option --kind must be %s",
				  list_kinds(cli->arena));
	db = db_open(cli->settings.database);
	outcome = job_list(db, cli->arena, &query, &found);
	db_close(db);
	if (outcome != OUTCOME_OK)
		return rows_fail();
	rows_print(cli, &found, job_columns);
	return CLI_OK;
}

/* ---- one job ---- */

/* Return the job whose id is the first word.  Return NULL after printing that
 * no job has this id, or that the database failed. */
static const struct json *find_job(const struct cli *cli, struct db *db)
{
	const char *id = cli->words[0];
	const struct json *job = NULL;
	enum outcome outcome = OUTCOME_OK;
	int64_t number;

	if (number_read(id, 0, INT64_MAX, &number))
		outcome = job_list_show(db, cli->arena, id, &job);
	if (outcome != OUTCOME_OK)
		rows_fail();
	else if (!job)
		cli_fail("no job has the id %s; provisor jobs list --resource "
			 "ID lists the jobs of a resource",
			 id);
	return job;
}

static const char *job_text(const struct cli *cli, const struct json *job,
			    const char *member)
{
	return rows_text(cli->arena, json_member(job, member));
}

static bool is_in_state(const struct cli *cli, const struct json *job,
			const char *state)
{
	return strcmp(job_text(cli, job, "state"), state) == 0;
}

static int with_job(const struct cli *cli,
		    int (*act)(const struct cli *cli, struct db *db,
			       const struct json *job))
{
	struct db *db = db_open(cli->settings.database);
	const struct json *job = find_job(cli, db);
	int status = job ? act(cli, db, job) : CLI_FAILED;

	db_close(db);
	return status;
}

static int refuse_running(const struct cli *cli, const struct json *job)
{
	return cli_fail("job %s is running: its lease ends at %s; if its "
			"process was killed, it is due again then",
			job_text(cli, job, "id"), job_text(cli, job, "at"));
}

static int refuse_changed(const char *id)
{
	return cli_fail("job %s was claimed or finished meanwhile; provisor "
			"jobs show %s shows its state",
			id, id);
}

/* ---- show ---- */

static int show_job(const struct cli *cli, struct db *db,
		    const struct json *job)
{
	(void)db;
	rows_print_fields(cli, job);
	return CLI_OK;
}

int cli_jobs_show(const struct cli *cli)
{
	return with_job(cli, show_job);
}

/* ---- retry ---- */

static int retry_job(const struct cli *cli, struct db *db,
		     const struct json *job)
{
	const char *id = job_text(cli, job, "id");
	const struct job_kind_info *kind =
		find_kind(job_text(cli, job, "kind"));
	bool done;

	if (is_in_state(cli, job, "done"))
		return cli_fail("job %s is already done", id);
	if (is_in_state(cli, job, "running"))
		return refuse_running(cli, job);
	if (is_in_state(cli, job, "blocked"))
		return cli_fail("job %s: job %s of the same resource comes "
				"first: retry that one",
				id, job_text(cli, job, "blocked_by"));
	if (job_operator_retry(db, cli->arena, id, cli_operator(cli->arena),
			       &done)
	    != OUTCOME_OK)
		return rows_fail();
	if (!done)
		return refuse_changed(id);
	printf("due now: job %s\n", id);
	if (kind)
		wrap_text(0, kind->does);
	return CLI_OK;
}

int cli_jobs_retry(const struct cli *cli)
{
	return with_job(cli, retry_job);
}

/* ---- cancel ---- */

static int explain_cancel(const struct cli *cli, const struct json *job)
{
	const struct job_kind_info *kind =
		find_kind(job_text(cli, job, "kind"));

	rows_print_table(cli, &job, 1, job_columns);
	puts("\nThis job would be cancelled.");
	if (kind)
		wrap_text(0, kind->cancelled);
	puts("To cancel it, add --yes.");
	return CLI_USAGE;
}

static int cancel_job(const struct cli *cli, struct db *db,
		      const struct json *job)
{
	const char *id = job_text(cli, job, "id");
	const char *state;
	bool done;

	if (is_in_state(cli, job, "done")) {
		printf("already done: job %s\n", id);
		return CLI_OK;
	}
	if (is_in_state(cli, job, "running"))
		return refuse_running(cli, job);
	if (!cli_has(cli, OPTION_YES))
		return explain_cancel(cli, job);
	if (job_operator_cancel(db, cli->arena, id, cli_operator(cli->arena),
				&done, &state)
	    != OUTCOME_OK)
		return rows_fail();
	if (!done)
		return refuse_changed(id);
	printf("cancelled: job %s; its resource %s is %s\n", id,
	       job_text(cli, job, "resource"), state);
	return CLI_OK;
}

int cli_jobs_cancel(const struct cli *cli)
{
	return with_job(cli, cancel_job);
}
