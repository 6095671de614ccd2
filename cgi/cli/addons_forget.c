/*
 * addons_forget.c - provisor addons forget.
 */
#include "cgi/cli/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cgi/cli/addon_homes.h"
#include "cgi/cli/addon_remains.h"
#include "cgi/cli/cli.h"
#include "cgi/cli/question.h"
#include "cgi/cli/rows.h"
#include "cgi/cli/wrap.h"
#include "lib/base/arena.h"
#include "lib/db/db.h"
#include "lib/dialect/dialect.h"
#include "lib/store/addon_forget.h"

/* ---- what is refused ---- */

/* The operator must type the number, so that it is a decision. */
static bool refuse_live(const struct cli *cli, const char *slug,
			const struct addon_remains *remains)
{
	if (remains->live == cli_number(cli, OPTION_LIVE))
		return false;
	cli_fail("%" PRId64 " resources of %s are live: their customers use "
		 "them, and the marketplace bills them.  Deprovision them at "
		 "the marketplace, while the add-on has its home.  If they "
		 "have no customers, as after a test, add --live %" PRId64,
		 remains->live, slug, remains->live);
	return true;
}

static bool refuse_running_jobs(const char *slug,
				const struct addon_remains *remains)
{
	if (remains->running == 0)
		return false;
	cli_fail("%" PRId64 " jobs of %s are running: wait until they have "
		 "ended",
		 remains->running, slug);
	return true;
}

/* ---- forgetting ---- */

/* Return true if a marketplace uses its ids again after a deprovision. */
static bool uses_ids_again(const char *marketplace)
{
	for (int i = 0; dialects[i]; i++)
		if (strcmp(dialects[i]->marketplace, marketplace) == 0
		    && dialects[i]->key_returns)
			return true;
	return false;
}

static bool is_forget_confirmed(const struct cli *cli, const char *slug,
				const struct addon_remains *remains)
{
	printf("%s at %s: %" PRId64 " resources (live: %" PRId64
	       ", not cleaned up: %" PRId64 "), %" PRId64 " unfinished jobs\n",
	       slug, remains->marketplace, remains->resources, remains->live,
	       remains->incomplete, remains->jobs);
	wrap_text(
		0,
		"Their config vars, grants, URLs and tokens, and the names, "
		"owners and options that the marketplace sent are erased; "
		"their jobs are cancelled, so no listener cleans up.  Ids, "
		"plans, dates and history stay: a resource that was forgotten "
		"stays deprovisioned for good.");
	if (cli_has(cli, OPTION_YES)
	    || question_is_confirmed("Forget this add-on?"))
		return true;
	cli_refuse("nothing is forgotten: add --yes");
	return false;
}

static int forget_all(const struct cli *cli, struct db *db, const char *slug,
		      const struct addon_remains *remains)
{
	const char *actor = cli_operator(cli->arena);
	int64_t forgotten = 0, total = 0;

	do {
		if (addon_forget(db, cli->arena, slug, remains->marketplace,
				 actor, uses_ids_again(remains->marketplace),
				 &forgotten)
		    != OUTCOME_OK) {
			rows_fail();
			return cli_fail("%" PRId64 " resources are forgotten: "
					"run the command again for "
					"the rest",
					total);
		}
		total += forgotten;
	} while (forgotten > 0);
	printf("forgotten: %s at %s, %" PRId64 " resources\n", slug,
	       remains->marketplace, total);
	return CLI_OK;
}

static int forget_at(const struct cli *cli, struct db *db, const char *slug,
		     const struct addon_remains *remains)
{
	if (addon_homes_refuse(cli, remains->marketplace, slug)
	    || refuse_live(cli, slug, remains)
	    || refuse_running_jobs(slug, remains))
		return CLI_FAILED;
	return is_forget_confirmed(cli, slug, remains)
		? forget_all(cli, db, slug, remains)
		: CLI_USAGE;
}

static int forget_addon(const struct cli *cli, struct db *db, const char *slug)
{
	struct addon_remains *remains =
		addon_remains_find(cli, db, slug,
				   "resources list shows all "
				   "resources");

	return remains ? forget_at(cli, db, slug, remains) : CLI_FAILED;
}

int cli_addons_forget(const struct cli *cli)
{
	struct db *db = db_open(cli->settings.database);
	int status = forget_addon(cli, db, cli->words[0]);

	db_close(db);
	return status;
}
