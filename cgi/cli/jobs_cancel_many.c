/*
 * jobs_cancel_many.c - provisor jobs cancel without an ID.
 */
#include "cgi/cli/jobs.h"

#include <stdio.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/question.h"
#include "cgi/cli/rows.h"
#include "cgi/cli/target.h"
#include "cgi/cli/wrap.h"
#include "lib/base/arena.h"
#include "lib/db/db.h"
#include "lib/provider/operator.h"
#include "lib/store/job.h"
#include "lib/store/job_list.h"
#include "lib/text/json.h"

static const char *listed_text(const struct cli *cli, const struct json *job,
			       const char *member)
{
	return rows_text(cli->arena, json_member(job, member));
}

static bool is_listed_running(const struct cli *cli, const struct json *job)
{
	return strcmp(listed_text(cli, job, "state"), "running") == 0;
}

/* Count jobs of this kind, or of any kind if it is NULL, without those that are
 * running. */
static int count_cancellable(const struct cli *cli,
			     const struct json_rows *found, const char *kind)
{
	int count = 0;

	for (int i = 0; i < found->count; i++)
		count += !is_listed_running(cli, found->list[i])
			&& (!kind
			    || strcmp(listed_text(cli, found->list[i], "kind"),
				      kind)
				    == 0);
	return count;
}

static void explain_kinds(const struct cli *cli, const struct json_rows *found)
{
	for (int i = 0; i < JOB_KINDS; i++) {
		const char *kind = job_kinds[i].name;
		int count = count_cancellable(cli, found, kind);

		if (count == 0)
			continue;
		printf("%s: %d\n", kind, count);
		wrap_text(0, job_kinds[i].cancelled);
	}
}

static bool is_cancel_confirmed(const struct cli *cli, int count)
{
	if (cli_has(cli, OPTION_YES)
	    || question_is_confirmed(
		    arena_printf(cli->arena, "Cancel %d jobs?", count)))
		return true;
	cli_refuse("nothing is cancelled: %d jobs would be; add --yes", count);
	return false;
}

static int cancel_listed(const struct cli *cli, struct db *db,
			 const struct json_rows *found)
{
	struct operator_act act = target_act(cli);
	int cancelled = 0;

	for (int i = 0; i < found->count; i++) {
		const char *state;
		enum outcome outcome =
			operator_cancel_job(db, &act, found->list[i], &state);

		if (outcome == OUTCOME_UNAVAILABLE
		    || outcome == OUTCOME_BROKEN) {
			printf("cancelled: %d jobs\n", cancelled);
			return rows_fail();
		}
		cancelled += outcome == OUTCOME_OK;
	}
	printf("cancelled: %d jobs\n", cancelled);
	if (cancelled < found->count)
		return cli_fail("%d jobs are running or have ended meanwhile: "
				"run the command again to cancel the rest",
				found->count - cancelled);
	if (found->is_cut)
		return cli_fail("there are more: run the command again");
	return CLI_OK;
}

static int cancel_selected(const struct cli *cli, struct db *db,
			   const struct job_query *query)
{
	struct json_rows found;
	int count;

	if (job_list(db, cli->arena, query, &found) != OUTCOME_OK)
		return rows_fail();
	if (found.count == 0) {
		puts("no unfinished job is selected");
		return CLI_OK;
	}
	count = count_cancellable(cli, &found, NULL);
	explain_kinds(cli, &found);
	return is_cancel_confirmed(cli, count) ? cancel_listed(cli, db, &found)
					       : CLI_USAGE;
}

/* Without an add-on, a forgotten ID would cancel jobs of all customers. */
int jobs_cancel_many(const struct cli *cli)
{
	struct job_query query;
	struct db *db;
	int status;

	if (!cli_option(cli, OPTION_ADDON))
		return cli_refuse("jobs cancel: name a job by its ID, or many "
				  "by --addon, also with --marketplace, --kind "
				  "and --gave-up");
	if (!jobs_read_query(cli, &query))
		return CLI_USAGE;
	db = db_open(cli->settings.database);
	status = cancel_selected(cli, db, &query);
	db_close(db);
	return status;
}
