/*
 * jobs.c - provisor jobs: what is left to do for resources, and what keeps
 * it.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/rows.h"
#include "cgi/cli/target.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/db/db.h"
#include "lib/store/job.h"
#include "lib/store/job_list.h"
#include "lib/text/json.h"
#include "lib/text/number.h"

/* Members shown in the columns of a table; --json has them all. */
static const char *const members[] = {
	"id",    "kind",     "state",      "at", "attempts",
	"addon", "resource", "last_error", NULL,
};

/* NULL: a kind that this release does not know. */
static const struct job_kind_info *find_kind(const char *name)
{
	enum job_kind kind;

	return job_kind_named(name, &kind) ? &job_kinds[kind] : NULL;
}

/* "provision, change-plan or rotate" */
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

static bool read_query(const struct cli *cli, struct job_query *query)
{
	*query = (struct job_query){
		.kind = cli_option(cli, OPTION_KIND),
		.resource = cli_option(cli, OPTION_RESOURCE),
		.has_given_up = cli_has(cli, OPTION_GAVE_UP),
		.with_done = cli_has(cli, OPTION_ALL),
		.limit = (int)cli_number(cli, OPTION_LIMIT),
	};
	if (!query->kind || find_kind(query->kind))
		return true;
	cli_fail("option --kind must be %s", list_kinds(cli->arena));
	return false;
}

int cli_jobs_list(const struct cli *cli)
{
	struct job_query query;
	struct json_rows found;
	struct db *db;
	enum outcome outcome;

	if (!read_query(cli, &query))
		return CLI_USAGE;
	db = db_open(cli->settings.database);
	outcome = job_list(db, cli->arena, &query, &found);
	db_close(db);
	if (outcome != OUTCOME_OK)
		return rows_fail();
	rows_print(cli, &found, members);
	return CLI_OK;
}

/* ---- one of them ---- */

/* The job that the first word means.  NULL, and said, when there is none. */
static const struct json *find(const struct cli *cli, struct db *db)
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
		cli_fail("no job has the id %s; provisor jobs list has those "
			 "of a resource with --resource",
			 id);
	return job;
}

static const char *member(const struct cli *cli, const struct json *job,
			  const char *name)
{
	return rows_text(cli->arena, json_member(job, name));
}

static bool is_in(const struct cli *cli, const struct json *job,
		  const char *state)
{
	return strcmp(member(cli, job, "state"), state) == 0;
}

static int with_job(const struct cli *cli,
		    int (*act)(const struct cli *cli, struct db *db,
			       const struct json *job))
{
	struct db *db = db_open(cli->settings.database);
	const struct json *job = find(cli, db);
	int status = job ? act(cli, db, job) : CLI_FAILED;

	db_close(db);
	return status;
}

static int show(const struct cli *cli, struct db *db, const struct json *job)
{
	(void)db;
	rows_print_fields(cli, job);
	return CLI_OK;
}

int cli_jobs_show(const struct cli *cli)
{
	return with_job(cli, show);
}

static int refuse_running(const struct cli *cli, const struct json *job)
{
	return cli_fail("job %s: somebody is at it, until %s at the latest; "
			"where that was killed, it is due again by itself "
			"then",
			member(cli, job, "id"), member(cli, job, "at"));
}

static int refuse_changed(const struct cli *cli, const struct json *job)
{
	return cli_fail("job %s: somebody has taken or finished it meanwhile: "
			"provisor jobs show %s tells",
			member(cli, job, "id"), member(cli, job, "id"));
}

/* ---- retry ---- */

static int retry(const struct cli *cli, struct db *db, const struct json *job)
{
	const char *id = member(cli, job, "id");
	const struct job_kind_info *kind = find_kind(member(cli, job, "kind"));
	bool done;

	if (is_in(cli, job, "done"))
		return cli_fail("job %s: it is done", id);
	if (is_in(cli, job, "running"))
		return refuse_running(cli, job);
	if (is_in(cli, job, "behind"))
		return cli_fail("job %s: job %s of its resource comes first: "
				"retry that",
				id, member(cli, job, "behind"));
	if (job_operator_retry(db, cli->arena, id, cli_operator(cli->arena),
			       &done)
	    != OUTCOME_OK)
		return rows_fail();
	if (!done)
		return refuse_changed(cli, job);
	printf("due now: job %s\n", id);
	if (kind)
		puts(kind->does);
	return CLI_OK;
}

int cli_jobs_retry(const struct cli *cli)
{
	return with_job(cli, retry);
}

/* ---- cancel ---- */

static int explain(const struct cli *cli, const struct json *job)
{
	const struct job_kind_info *kind = find_kind(member(cli, job, "kind"));

	rows_print_table(cli, &job, 1, members);
	puts("would be cancelled: nobody does it any more.");
	if (kind)
		puts(kind->cancelled);
	puts("With --yes it is done.");
	return CLI_USAGE;
}

static int cancel(const struct cli *cli, struct db *db, const struct json *job)
{
	const char *id = member(cli, job, "id");
	const char *state;
	bool done;

	if (is_in(cli, job, "done")) {
		printf("already done: job %s\n", id);
		return CLI_OK;
	}
	if (is_in(cli, job, "running"))
		return refuse_running(cli, job);
	if (!cli_has(cli, OPTION_YES))
		return explain(cli, job);
	if (job_operator_cancel(db, cli->arena, id, cli_operator(cli->arena),
				&done, &state)
	    != OUTCOME_OK)
		return rows_fail();
	if (!done)
		return refuse_changed(cli, job);
	printf("cancelled: job %s; its resource %s is %s\n", id,
	       member(cli, job, "resource"), state);
	return CLI_OK;
}

int cli_jobs_cancel(const struct cli *cli)
{
	return with_job(cli, cancel);
}
