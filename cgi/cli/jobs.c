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

enum { LONGEST_ID = 18 }; /* digits that always fit */

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

static bool read_query(const struct ctl *ctl, struct job_query *query)
{
	enum job_kind kind;

	*query = (struct job_query){
		.kind = ctl_option(ctl, "--kind"),
		.resource = ctl_option(ctl, "--resource"),
		.has_given_up = ctl_option(ctl, "--gave-up"),
		.with_done = ctl_option(ctl, "--all"),
	};
	if (query->kind && !job_kind_named(query->kind, &kind)) {
		ctl_fail("--kind must be provision, change-plan, deprovision, "
			 "rotate, exchange, complete, withdraw, push-config "
			 "or write-log");
		return false;
	}
	return ctl_entries_read_limit(ctl, &query->limit);
}

int ctl_jobs_list(const struct ctl *ctl)
{
	struct job_query query;
	struct entries found;
	struct db *db;
	enum outcome outcome;

	if (!read_query(ctl, &query))
		return CTL_USAGE;
	db = db_open(ctl->config.database);
	outcome = job_inventory_list(db, ctl->arena, &query, &found);
	db_close(db);
	if (outcome != OUTCOME_OK)
		return ctl_entries_fail();
	ctl_entries_print(ctl, &found, members);
	ctl_entries_warn_of_cut(&found);
	return CTL_OK;
}

/* ---- one of them ---- */

static bool is_number(const char *word)
{
	size_t digits = strspn(word, "0123456789");

	return digits > 0 && digits <= LONGEST_ID && !word[digits];
}

/* The job that the first word means.  NULL, and said, when there is none. */
static const struct json *find(const struct ctl *ctl, struct db *db)
{
	const char *id = ctl->words[0];
	const struct json *job = NULL;
	enum outcome outcome = OUTCOME_OK;

	if (is_number(id))
		outcome = job_inventory_show(db, ctl->arena, id, &job);
	if (outcome != OUTCOME_OK)
		ctl_entries_fail();
	else if (!job)
		ctl_fail("no job has the id %s; provisor jobs list has those "
			 "of a resource with --resource",
			 id);
	return job;
}

static const char *member(const struct ctl *ctl, const struct json *job,
			  const char *name)
{
	return ctl_entries_text(ctl->arena, json_member(job, name));
}

static bool is_in(const struct ctl *ctl, const struct json *job,
		  const char *state)
{
	return strcmp(member(ctl, job, "state"), state) == 0;
}

static void print_one(const struct ctl *ctl, const struct json *job)
{
	if (ctl_option(ctl, "--json"))
		puts(json_print(ctl->arena, job));
	else
		table_print(ctl_entries_fields(ctl, job), false,
			    ctl->has_colours);
}

static int with_job(const struct ctl *ctl,
		    int (*act)(const struct ctl *ctl, struct db *db,
			       const struct json *job))
{
	struct db *db = db_open(ctl->config.database);
	const struct json *job = find(ctl, db);
	int status = job ? act(ctl, db, job) : CTL_FAILED;

	db_close(db);
	return status;
}

static int show(const struct ctl *ctl, struct db *db, const struct json *job)
{
	(void)db;
	print_one(ctl, job);
	return CTL_OK;
}

int ctl_jobs_show(const struct ctl *ctl)
{
	return with_job(ctl, show);
}

static int refuse_running(const struct ctl *ctl, const struct json *job)
{
	return ctl_fail("job %s: somebody is at it, until %s at the latest; "
			"where that was killed, it is due again by itself "
			"then",
			member(ctl, job, "id"), member(ctl, job, "at"));
}

static int refuse_changed(const struct ctl *ctl, const struct json *job)
{
	return ctl_fail("job %s: somebody has taken or finished it meanwhile: "
			"provisor jobs show %s tells",
			member(ctl, job, "id"), member(ctl, job, "id"));
}

/* ---- retry ---- */

static int retry(const struct ctl *ctl, struct db *db, const struct json *job)
{
	const char *id = member(ctl, job, "id");
	const struct meaning *meaning = meaning_of(member(ctl, job, "kind"));
	bool done;

	if (is_in(ctl, job, "done"))
		return ctl_fail("job %s: it is done", id);
	if (is_in(ctl, job, "running"))
		return refuse_running(ctl, job);
	if (is_in(ctl, job, "behind"))
		return ctl_fail("job %s: job %s of its resource comes first: "
				"retry that",
				id, member(ctl, job, "behind"));
	if (job_inventory_retry(db, ctl->arena, id,
				ctl_resources_operator(ctl->arena), &done)
	    != OUTCOME_OK)
		return ctl_entries_fail();
	if (!done)
		return refuse_changed(ctl, job);
	printf("due now: job %s\n", id);
	if (meaning)
		puts(meaning->retried);
	return CTL_OK;
}

int ctl_jobs_retry(const struct ctl *ctl)
{
	return with_job(ctl, retry);
}

/* ---- cancel ---- */

static int explain(const struct ctl *ctl, const struct json *job)
{
	const struct meaning *meaning = meaning_of(member(ctl, job, "kind"));

	ctl_entries_print_row(ctl, job, members);
	puts("would be cancelled: nobody does it any more.");
	if (meaning)
		puts(meaning->cancelled);
	puts("With --yes it is done.");
	return CTL_USAGE;
}

static int cancel(const struct ctl *ctl, struct db *db, const struct json *job)
{
	const char *id = member(ctl, job, "id");
	const char *state;
	bool done;

	if (is_in(ctl, job, "done")) {
		printf("already done: job %s\n", id);
		return CTL_OK;
	}
	if (is_in(ctl, job, "running"))
		return refuse_running(ctl, job);
	if (!ctl_option(ctl, "--yes"))
		return explain(ctl, job);
	if (job_inventory_cancel(db, ctl->arena, id,
				 ctl_resources_operator(ctl->arena), &done,
				 &state)
	    != OUTCOME_OK)
		return ctl_entries_fail();
	if (!done)
		return refuse_changed(ctl, job);
	printf("cancelled: job %s; its resource %s is %s\n", id,
	       member(ctl, job, "resource"), state);
	return CTL_OK;
}

int ctl_jobs_cancel(const struct ctl *ctl)
{
	return with_job(ctl, cancel);
}
