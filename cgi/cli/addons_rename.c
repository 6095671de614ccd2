/*
 * addons_rename.c - provisor addons rename.
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
#include "lib/crypto/sealing_keys.h"
#include "lib/db/db.h"
#include "lib/store/addon_forget.h"
#include "lib/store/addon_rename.h"

struct rename_command {
	const struct cli *cli;
	struct db *db;
	struct addon_renaming renaming;
	const struct addon_remains *remains;
	struct addon_conflicts conflicts;
};

/* ---- what is refused ---- */

static bool refuse_no_home(const struct rename_command *command)
{
	const struct addon_renaming *renaming = &command->renaming;

	if (addon_homes_has(command->cli, renaming->marketplace, renaming->to))
		return false;
	cli_fail("%s has no valid home at %s: give the manifest the new id "
		 "first; provisor addons list shows the homes",
		 renaming->to, renaming->marketplace);
	return true;
}

static bool refuse_conflicts(const struct rename_command *command)
{
	const struct addon_conflicts *conflicts = &command->conflicts;

	if (conflicts->others == 0)
		return false;
	cli_fail("%" PRId64 " resources of %s have an id that a resource of %s "
		 "has too, such as %s: compare them with provisor resources "
		 "show, and deprovision those of %s",
		 conflicts->others, command->renaming.from,
		 command->renaming.to, conflicts->example,
		 command->renaming.to);
	return true;
}

/* ---- renaming ---- */

static bool is_rename_confirmed(const struct rename_command *command)
{
	const struct addon_remains *remains = command->remains;

	printf("%s at %s: %" PRId64 " resources (live: %" PRId64 "), %" PRId64
	       " unfinished jobs (running: %" PRId64 ")\n",
	       command->renaming.from, remains->marketplace, remains->resources,
	       remains->live, remains->jobs, remains->running);
	wrap_text(0,
		  "They become those of the other add-on, with their config "
		  "vars, grants, jobs and history.  Customers who are signed "
		  "in have to sign on again.  Neither a listener nor the "
		  "marketplace is called.");
	if (command->conflicts.tombstones > 0)
		wrap_text(0,
			  arena_printf(command->cli->arena,
				       "The marketplace has deprovisioned "
				       "%" PRId64 " of them under the new "
				       "name: run provisor reconcile "
				       "afterwards.",
				       command->conflicts.tombstones));
	if (cli_has(command->cli, OPTION_YES)
	    || question_is_confirmed("Rename this add-on?"))
		return true;
	cli_refuse("nothing is renamed: add --yes");
	return false;
}

static int report_renamed(const struct rename_command *command,
			  const struct addon_rename_result *result)
{
	int64_t left = command->remains->resources - result->renamed;

	printf("renamed: %s at %s is now %s, %" PRId64 " resources\n",
	       command->renaming.from, command->renaming.marketplace,
	       command->renaming.to, result->renamed);
	if (result->unopened > 0)
		return cli_fail("%" PRId64
				" resources are not renamed, because "
				"no key opens their values: restore the key to "
				"%s and run the command again; if it is lost, "
				"put the old home back and run provisor config "
				"rotate --replace-unreadable",
				result->unopened, command->cli->settings.keys);
	if (left > 0)
		return cli_fail("%" PRId64
				" resources are not renamed, because "
				"their jobs are running: run the command again",
				left);
	return CLI_OK;
}

static int rename_all(const struct rename_command *command)
{
	struct addon_rename_result result = { 0 };
	struct sealing_keys *keys = cli_open_keys(command->cli);
	enum outcome outcome;

	if (!keys)
		return CLI_FAILED;
	outcome = addon_rename_free(command->db, command->cli->arena,
				    &command->renaming);
	if (outcome == OUTCOME_OK)
		outcome = addon_rename(command->db, keys, &command->renaming,
				       &result);
	sealing_keys_close(keys);
	if (outcome == OUTCOME_OK)
		return report_renamed(command, &result);
	rows_fail();
	return cli_fail("%" PRId64 " resources are renamed: run the command "
			"again for the rest",
			result.renamed);
}

static int rename_at(struct rename_command *command)
{
	const struct addon_renaming *renaming = &command->renaming;

	if (addon_homes_refuse(command->cli, renaming->marketplace,
			       renaming->from)
	    || refuse_no_home(command))
		return CLI_FAILED;
	if (addon_rename_conflicts(command->db, command->cli->arena, renaming,
				   &command->conflicts)
	    != OUTCOME_OK)
		return rows_fail();
	if (refuse_conflicts(command))
		return CLI_FAILED;
	return is_rename_confirmed(command) ? rename_all(command) : CLI_USAGE;
}

static int rename_addon(struct rename_command *command)
{
	const struct cli *cli = command->cli;
	const char *from = cli->words[0];
	struct addon_remains *remains =
		addon_remains_find(cli, command->db, from,
				   "addons list shows add-ons without a home");

	if (!remains)
		return CLI_FAILED;
	command->remains = remains;
	command->renaming = (struct addon_renaming){
		.marketplace = remains->marketplace,
		.from = from,
		.to = cli->words[1],
		.actor = cli_operator(cli->arena),
	};
	return rename_at(command);
}

int cli_addons_rename(const struct cli *cli)
{
	struct rename_command command = {
		.cli = cli,
		.db = db_open(cli->settings.database),
	};
	int status = rename_addon(&command);

	db_close(command.db);
	return status;
}
