#include "cgi/cli/target.h"

#include "cgi/cli/cli.h"
#include "cgi/cli/rows.h"
#include "lib/addon/addon_index.h"
#include "lib/addon/addons.h"
#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/db/json_rows.h"
#include "lib/provider/operator.h"
#include "lib/provider/provider.h"
#include "lib/text/json.h"

static const char *const candidate_members[] = {
	"id",    "marketplace_id", "provider_id", "marketplace",
	"addon", "state",          NULL,
};

const struct json *target_open(const struct cli *cli, struct provider *provider)
{
	struct db *db = db_open(cli->settings.database);
	const struct json *found = target_find(cli, db);

	db_close(db);
	return found && provider_open(provider, &cli->settings) ? found : NULL;
}

const char *target_text(const struct json *resource, const char *member)
{
	return json_text(json_member(resource, member));
}

struct operator_act target_act(const struct cli *cli)
{
	return (struct operator_act){
		.arena = cli->arena,
		.actor = cli_operator(cli->arena),
		.deadline = clock_now() + cli->settings.answer_limit,
	};
}

/* Set *resource.  Unless the outcome is OUTCOME_OK or OUTCOME_NOT_FOUND, print
 * the reason. */
static enum outcome find_by_id(const struct cli *cli, struct db *db,
			       struct operator_act *act, const char *id,
			       const struct json **resource)
{
	const struct operator_target target = {
		.marketplace = cli_option(cli, OPTION_MARKETPLACE),
		.addon = cli_option(cli, OPTION_ADDON),
		.id = id,
	};
	struct json_rows found;
	enum outcome outcome = operator_find_resource(db, act, &target, &found);

	if (outcome == OUTCOME_OK) {
		*resource = found.list[0];
	} else if (outcome == OUTCOME_INVALID) {
		rows_print_table(cli, found.list, found.count,
				 candidate_members);
		cli_fail("%s: use another id of the one that you mean, or add "
			 "--marketplace or --addon",
			 act->failure);
	} else if (outcome != OUTCOME_NOT_FOUND) {
		rows_fail();
	}
	return outcome;
}

const struct json *target_find(const struct cli *cli, struct db *db)
{
	struct operator_act act = target_act(cli);
	const struct json *found = NULL;

	if (find_by_id(cli, db, &act, cli->words[0], &found)
	    == OUTCOME_NOT_FOUND)
		cli_fail("%s; provisor resources find searches for part of an "
			 "id or a name",
			 act.failure);
	return found;
}

enum outcome target_find_option(const struct cli *cli, struct db *db,
				const char **id)
{
	const char *given = cli_option(cli, OPTION_RESOURCE);
	struct operator_act act = target_act(cli);
	const struct json *found = NULL;
	enum outcome outcome =
		given ? find_by_id(cli, db, &act, given, &found) : OUTCOME_OK;

	*id = found ? target_text(found, "id") : NULL;
	return outcome;
}

const struct addon *target_addon(const struct addons *addons,
				 const char *marketplace, const char *id)
{
	const struct addon *addon = addons_find(addons, marketplace, id);

	if (!addon)
		cli_fail("%s at %s has no valid home; provisor addons list "
			 "shows the reason",
			 id, marketplace);
	return addon;
}
