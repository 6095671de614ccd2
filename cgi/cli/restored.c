/*
 * restored.c - provisor restored: what to do after a restore or failover.
 */
#include "cgi/cli/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/rows.h"
#include "cgi/cli/wrap.h"
#include "lib/db/db.h"
#include "lib/db/json_rows.h"
#include "lib/store/epoch.h"
#include "lib/text/json.h"

static const char *const held_columns[] = {
	"marketplace", "addon", "kind", "jobs", "oldest", NULL,
};
static const char *const unanswered_columns[] = {
	"job",      "kind", "marketplace", "addon",
	"resource", "plan", "since",       NULL,
};

struct restored {
	const struct json *epoch;
	struct json_rows held;
	struct json_rows unanswered;
};

static bool read_restored(const struct cli *cli, struct db *db,
			  struct restored *restored)
{
	struct arena *arena = cli->arena;

	return epoch_notice(db, arena) == OUTCOME_OK
		&& epoch_get(db, arena, &restored->epoch) == OUTCOME_OK
		&& epoch_list_held(db, arena, &restored->held) == OUTCOME_OK
		&& epoch_list_unanswered(db, arena, &restored->unanswered)
		== OUTCOME_OK;
}

static const char *epoch_text(const struct restored *restored,
			      const char *member)
{
	return json_text(json_member(restored->epoch, member));
}

static bool is_accepted(const struct restored *restored)
{
	return epoch_text(restored, "accepted_at");
}

/* ---- telling ---- */

static void print_next_steps(const struct restored *restored)
{
	if (restored->held.count > 0)
		wrap_text(0,
			  "\nFor each add-on, compare the resources with the "
			  "marketplace's, and repair what differs:\n  provisor "
			  "reconcile --marketplace NAME --addon SLUG\nthen "
			  "release its jobs:\n  provisor restored --release "
			  "--marketplace NAME --addon SLUG --yes");
	else
		wrap_text(0,
			  "\nNo job is held.  Compare the resources with the "
			  "marketplaces (provisor reconcile), then accept "
			  "the new epoch:\n"
			  "  provisor restored --release --yes");
}

static void print_unanswered(const struct cli *cli,
			     const struct restored *restored)
{
	if (restored->unanswered.count == 0)
		return;
	wrap_text(0,
		  "\nThese requests have no result here.  The marketplace may "
		  "have got one that the database lacks:");
	rows_print(cli, &restored->unanswered, unanswered_columns);
}

static void print_restored(const struct cli *cli,
			   const struct restored *restored)
{
	const char *newest = epoch_text(restored, "last_event_at");

	if (is_accepted(restored)) {
		puts("The database has been neither restored nor failed over "
		     "since its epoch was accepted.");
		return;
	}
	printf("The database began a new epoch, which was noticed at %s.\n",
	       epoch_text(restored, "noticed_at"));
	printf("Its newest event was from %s; later changes may be missing.\n",
	       newest ? newest : "never");
	if (restored->held.count > 0) {
		puts("\nHeld jobs:");
		rows_print(cli, &restored->held, held_columns);
	}
	print_unanswered(cli, restored);
	print_next_steps(restored);
}

static int tell_restored(const struct cli *cli, const struct restored *restored)
{
	if (cli_has(cli, OPTION_JSON))
		rows_print_fields(cli, restored->epoch);
	else
		print_restored(cli, restored);
	return is_accepted(restored) ? CLI_OK : CLI_FAILED;
}

/* ---- releasing ---- */

static int explain_release(const struct cli *cli,
			   const struct restored *restored, bool keeps)
{
	print_restored(cli, restored);
	wrap_text(0,
		  keeps ? "\nThe held jobs would continue.  Provisions and "
			  "plan changes without a result would be completed, "
			  "so that no customer loses anything; with "
			  "--unanswered undo, they would be undone.\nTo "
			  "release them, add --yes."
			: "\nThe held jobs would continue.  Provisions and "
			  "plan changes without a result would be undone: if "
			  "the marketplace has got a response, its customer "
			  "loses the resource.\nTo release them, add --yes.");
	return CLI_USAGE;
}

static int release_jobs(const struct cli *cli, struct db *db, bool keeps)
{
	const struct epoch_release release = {
		.marketplace = cli_option(cli, OPTION_MARKETPLACE),
		.addon = cli_option(cli, OPTION_ADDON),
		.keeps = keeps,
		.actor = cli_operator(cli->arena),
	};
	struct restored left;
	int64_t count;
	bool done;

	if (epoch_release(db, cli->arena, &release, &count) != OUTCOME_OK
	    || epoch_accept(db, cli->arena, release.actor, &done) != OUTCOME_OK
	    || !read_restored(cli, db, &left))
		return rows_fail();
	printf("released: %" PRId64 " jobs\n", count);
	if (is_accepted(&left))
		puts("No job is held, and the epoch is accepted.");
	else
		puts("Jobs of other add-ons are still held: provisor restored "
		     "lists them.");
	return CLI_OK;
}

/* Return false if the option --unanswered is wrong. */
static bool read_unanswered(const struct cli *cli, bool *keeps)
{
	const char *what = cli_option(cli, OPTION_UNANSWERED);

	*keeps = strcmp(what, "keep") == 0;
	return *keeps || strcmp(what, "undo") == 0;
}

static int serve_restored(const struct cli *cli, struct db *db)
{
	struct restored restored;
	bool keeps;

	if (!read_unanswered(cli, &keeps))
		return cli_refuse("option --unanswered must be keep or undo");
	if (!read_restored(cli, db, &restored))
		return rows_fail();
	if (!cli_has(cli, OPTION_RELEASE) || is_accepted(&restored))
		return tell_restored(cli, &restored);
	if (!cli_has(cli, OPTION_YES))
		return explain_release(cli, &restored, keeps);
	return release_jobs(cli, db, keeps);
}

int cli_restored(const struct cli *cli)
{
	struct db *db = db_open(cli->settings.database);
	int status = serve_restored(cli, db);

	db_close(db);
	return status;
}
