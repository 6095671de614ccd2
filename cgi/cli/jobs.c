/*
 * jobs.c - provisor jobs: what is left to do for resources, and what keeps
 * it.
 */
#include "cgi/cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "cgi/cli/rows.h"
#include "cgi/cli/target.h"
#include "cgi/cli/table.h"
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

/* What becomes of a job that is told to try again, or is cancelled. */
static const struct meaning {
	const char *kind;
	const char *retried;
	const char *cancelled;
} meanings[] = {
	{ "provision",
	  "Where the marketplace was never told of the resource, provisor-jobs "
	  "now takes it back, and\na repeat of the marketplace's begins anew; "
	  "what was promised goes on.",
	  "What was promised to the marketplace is refused, and it is told so; "
	  "what it was never told\nof is abandoned, and a repeat of the "
	  "marketplace's begins anew.  What the listener has made\nof it so "
	  "far stays, and is yours to remove." },
	{ "complete",
	  "provisor-jobs now tells the marketplace that the resource is there.",
	  "Where the marketplace still waits for the resource, it is refused, "
	  "which the marketplace is\ntold, and its listener cleans up." },
	{ "withdraw",
	  "provisor-jobs now tells the marketplace that the resource will not "
	  "be there.",
	  "The marketplace gives up by itself, twelve hours after it was "
	  "promised the resource." },
	{ "exchange", "provisor-jobs now asks the marketplace for a token.",
	  "The resource has no token, unless the marketplace repeats its "
	  "request with another grant." },
	{ "write-log", "provisor-jobs now writes the line.",
	  "The customer's log lacks a line." },
	{ "change-plan",
	  "The customer was never told of the new plan, so provisor-jobs now "
	  "has the listener go\nback to the one that the resource has.",
	  "The resource keeps the plan it has.  Its listener may be at the "
	  "other one already: that\nis yours to look after." },
	{ "deprovision", "provisor-jobs now has the listener clean up.",
	  "The resource counts as cleaned up, and its config vars are erased.  "
	  "What its listener has\nmade of it stays, and is yours to remove; "
	  "provisor resources show ID --reveal tells\nuntil then what that "
	  "is." },
	{ "rotate", "provisor-jobs now has the listener make new credentials.",
	  "The resource keeps the config vars it has.  Its listener may have "
	  "made new credentials\nalready: those are yours to look after." },
	{ "push-config", "provisor-jobs now tells the marketplace.",
	  "The marketplace keeps the config vars it has, until a plan change "
	  "or provisor config set\ntells it others." },
};

/* NULL: of a kind that this release does not know. */
static const struct meaning *meaning_of(const char *kind)
{
	for (size_t i = 0; i < COUNT(meanings); i++)
		if (strcmp(meanings[i].kind, kind) == 0)
			return &meanings[i];
	return NULL;
}

/* ---- list ---- */

static bool read_query(const struct cli *cli, struct job_query *query)
{
	enum job_kind kind;

	*query = (struct job_query){
		.kind = cli_option(cli, "--kind"),
		.resource = cli_option(cli, "--resource"),
		.has_given_up = cli_option(cli, "--gave-up"),
		.with_done = cli_option(cli, "--all"),
	};
	if (query->kind && !job_kind_named(query->kind, &kind)) {
		cli_fail("--kind must be provision, change-plan, deprovision, "
			 "rotate, exchange, complete, withdraw, push-config "
			 "or write-log");
		return false;
	}
	return rows_read_limit(cli, &query->limit);
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
	rows_warn_of_cut(&found);
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

static void print_one(const struct cli *cli, const struct json *job)
{
	if (cli_option(cli, "--json"))
		puts(json_print(cli->arena, job));
	else
		table_print(rows_fields(cli, job), false, cli->has_colours);
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
	print_one(cli, job);
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
	const struct meaning *meaning = meaning_of(member(cli, job, "kind"));
	bool done;

	if (is_in(cli, job, "done"))
		return cli_fail("job %s: it is done", id);
	if (is_in(cli, job, "running"))
		return refuse_running(cli, job);
	if (is_in(cli, job, "behind"))
		return cli_fail("job %s: job %s of its resource comes first: "
				"retry that",
				id, member(cli, job, "behind"));
	if (job_operator_retry(db, cli->arena, id, target_operator(cli->arena),
			       &done)
	    != OUTCOME_OK)
		return rows_fail();
	if (!done)
		return refuse_changed(cli, job);
	printf("due now: job %s\n", id);
	if (meaning)
		puts(meaning->retried);
	return CLI_OK;
}

int cli_jobs_retry(const struct cli *cli)
{
	return with_job(cli, retry);
}

/* ---- cancel ---- */

static int explain(const struct cli *cli, const struct json *job)
{
	const struct meaning *meaning = meaning_of(member(cli, job, "kind"));

	rows_print_row(cli, job, members);
	puts("would be cancelled: nobody does it any more.");
	if (meaning)
		puts(meaning->cancelled);
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
	if (!cli_option(cli, "--yes"))
		return explain(cli, job);
	if (job_operator_cancel(db, cli->arena, id, target_operator(cli->arena),
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
