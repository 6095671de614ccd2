/*
 * jobs.c - provisor jobs list, show, retry and cancel.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/jobs.h"
#include "cgi/cli/question.h"
#include "cgi/cli/rows.h"
#include "cgi/cli/target.h"
#include "cgi/cli/wrap.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/db/db.h"
#include "lib/provider/operator.h"
#include "lib/store/job.h"
#include "lib/store/job_list.h"
#include "lib/text/json.h"
#include "lib/text/number.h"

/* The columns of tables; --json prints all members. */
static const char *const job_columns[] = {
	"id",    "kind",     "state",      "at", "attempts",
	"addon", "resource", "last_error", NULL,
};

const struct job_kind_info *jobs_find_kind(const char *name)
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

bool jobs_read_query(const struct cli *cli, struct job_query *query)
{
	*query = (struct job_query){
		.kind = cli_option(cli, OPTION_KIND),
		.marketplace = cli_option(cli, OPTION_MARKETPLACE),
		.addon = cli_option(cli, OPTION_ADDON),
		.has_given_up = cli_has(cli, OPTION_GAVE_UP),
		.limit = JSON_ROWS_MOST,
	};
	if (!query->kind || jobs_find_kind(query->kind))
		return true;
	cli_refuse("option --kind must be %s", list_kinds(cli->arena));
	return false;
}

/* ---- list ---- */

static int print_jobs(const struct cli *cli, struct db *db,
		      struct job_query *query)
{
	struct json_rows found = { 0 };
	enum outcome outcome = target_find_option(cli, db, &query->resource);

	if (outcome != OUTCOME_OK && outcome != OUTCOME_NOT_FOUND)
		return CLI_FAILED;
	if (outcome == OUTCOME_OK
	    && job_list(db, cli->arena, query, &found) != OUTCOME_OK)
		return rows_fail();
	rows_print_page(cli, &found, job_columns);
	return CLI_OK;
}

int cli_jobs_list(const struct cli *cli)
{
	struct job_query query;
	int64_t number;
	struct db *db;
	int status;

	if (!jobs_read_query(cli, &query))
		return CLI_USAGE;
	query.with_done = cli_has(cli, OPTION_ALL);
	query.limit = (int)cli_number(cli, OPTION_LIMIT);
	query.after = cli_option(cli, OPTION_AFTER);
	if (query.after && !number_read(query.after, 0, INT64_MAX, &number))
		return cli_refuse("option --after must be the number of a job, "
				  "from the column ID");
	db = db_open(cli->settings.database);
	status = print_jobs(cli, db, &query);
	db_close(db);
	return status;
}

/* ---- one job ---- */

/* Print why an act has failed. */
static int fail_act(const struct operator_act *act)
{
	return act->failure ? cli_fail("%s", act->failure) : rows_fail();
}

/* Return the job whose id is the first word.  Return NULL after printing that
 * no job has this id, or that the database failed. */
static const struct json *find_job(const struct cli *cli, struct db *db)
{
	struct operator_act act = target_act(cli);
	const struct json *job = NULL;
	enum outcome outcome = operator_find_job(db, &act, cli->words[0], &job);

	if (outcome == OUTCOME_NOT_FOUND)
		cli_fail("%s; provisor jobs list --resource ID lists the jobs "
			 "of a resource",
			 act.failure);
	else if (outcome != OUTCOME_OK)
		rows_fail();
	return job;
}

static const char *job_text(const struct cli *cli, const struct json *job,
			    const char *member)
{
	return rows_text(cli->arena, json_member(job, member));
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
	struct operator_act act = target_act(cli);
	const struct job_kind_info *kind =
		jobs_find_kind(job_text(cli, job, "kind"));

	if (operator_retry_job(db, &act, job) != OUTCOME_OK)
		return fail_act(&act);
	printf("due now: job %s\n", job_text(cli, job, "id"));
	if (kind)
		wrap_text(0, kind->does);
	return CLI_OK;
}

int cli_jobs_retry(const struct cli *cli)
{
	return with_job(cli, retry_job);
}

/* ---- cancel ---- */

static void explain_cancel(const struct cli *cli, const struct json *job)
{
	const struct job_kind_info *kind =
		jobs_find_kind(job_text(cli, job, "kind"));

	rows_print_table(cli, &job, 1, job_columns);
	puts("\nThis job would be cancelled.");
	if (kind)
		wrap_text(0, kind->cancelled);
}

static int cancel_job(const struct cli *cli, struct db *db,
		      const struct json *job)
{
	struct operator_act act = target_act(cli);
	const char *id = job_text(cli, job, "id");
	const char *state;
	enum outcome outcome = operator_may_cancel_job(&act, job);

	if (outcome == OUTCOME_GONE) {
		printf("already done: job %s\n", id);
		return CLI_OK;
	}
	if (outcome != OUTCOME_OK)
		return fail_act(&act);
	if (!cli_has(cli, OPTION_YES)) {
		explain_cancel(cli, job);
		if (!question_is_confirmed("Cancel it?"))
			return cli_refuse("nothing is cancelled: add --yes");
	}
	if (operator_cancel_job(db, &act, job, &state) != OUTCOME_OK)
		return fail_act(&act);
	printf("cancelled: job %s; its resource %s is %s\n", id,
	       job_text(cli, job, "resource"), state);
	return CLI_OK;
}

int cli_jobs_cancel(const struct cli *cli)
{
	if (cli->count == 0)
		return jobs_cancel_many(cli);
	return with_job(cli, cancel_job);
}
