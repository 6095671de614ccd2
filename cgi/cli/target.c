#include "cgi/cli/target.h"

#include "cgi/cli/cli.h"
#include "cgi/cli/rows.h"
#include "lib/addon/addons.h"
#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/db/json_rows.h"
#include "lib/provider/provider.h"
#include "lib/store/resource_list.h"
#include "lib/text/json.h"

enum { MOST_CANDIDATES = 20 };

static const char *const candidate_members[] = {
	"id",    "marketplace_id", "provider_id", "marketplace",
	"addon", "state",          NULL,
};

const char *target_text(const struct json *resource, const char *member)
{
	return json_text(json_member(resource, member));
}

const struct json *target_find(const struct cli *cli, struct db *db)
{
	const struct resource_list_query query = {
		.marketplace = cli_option(cli, OPTION_MARKETPLACE),
		.addon = cli_option(cli, OPTION_ADDON),
		.id = cli->words[0],
		.limit = MOST_CANDIDATES,
	};
	struct json_rows found;

	if (resource_list(db, cli->arena, &query, &found) != OUTCOME_OK) {
		rows_fail();
	} else if (found.count == 0) {
		cli_fail("no resource has the id %s; provisor resources find "
			 "searches for part of an id or a name",
			 query.id);
	} else if (found.count > 1) {
		rows_print_table(cli, found.list, found.count,
				 candidate_members);
		cli_fail("more than one resource has the id %s: use another id "
			 "of the one that you mean, or add --marketplace or "
			 "--addon",
			 query.id);
	} else {
		return found.list[0];
	}
	return NULL;
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

bool target_call(const struct cli *cli, const struct provider *provider,
		 const struct json *resource, struct provider_call *call)
{
	*call = (struct provider_call){
		.arena = cli->arena,
		.addon = target_addon(provider->addons,
				      target_text(resource, "marketplace"),
				      target_text(resource, "addon")),
		.actor = cli_operator(cli->arena),
		.deadline = clock_now() + cli->settings.answer_limit,
	};
	return call->addon;
}
