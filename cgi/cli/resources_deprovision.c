/*
 * resources_deprovision.c - provisor resources deprovision: end one, as its
 * marketplace would.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/resources.h"
#include "cgi/cli/target.h"
#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/text/json.h"
#include "lib/provider/provider.h"

static bool is_gone(const struct json *resource)
{
	const char *state = target_text(resource, "state");

	return strcmp(state, "deprovisioning") == 0
		|| strcmp(state, "deprovisioned") == 0;
}

static bool remove_one(const struct cli *cli, struct provider *provider,
		       const struct json *resource)
{
	struct provider_call call = {
		.arena = cli->arena,
		.addon = target_addon(provider->addons,
				      target_text(resource, "marketplace"),
				      target_text(resource, "addon")),
		.actor = cli_operator(cli->arena),
		.deadline = clock_now() + cli->settings.answer_limit,
	};
	enum outcome outcome;

	if (!call.addon)
		return false;
	outcome = provider_remove(provider, &call, target_text(resource, "id"));
	if (outcome != OUTCOME_OK && outcome != OUTCOME_GONE) {
		cli_fail("%s is not deprovisioned; the log line above says "
			 "why",
			 target_text(resource, "id"));
		return false;
	}
	printf("deprovisioned: %s\n", target_text(resource, "id"));
	return true;
}

static int deprovision(const struct cli *cli, const struct json *resource)
{
	struct provider provider;
	bool is_done;

	if (!provider_open(&provider, &cli->settings))
		return CLI_FAILED;
	is_done = remove_one(cli, &provider, resource);
	provider_close(&provider);
	return is_done ? CLI_OK : CLI_FAILED;
}

int cli_resources_deprovision(const struct cli *cli)
{
	struct db *db = db_open(cli->settings.database);
	const struct json *found = target_find(cli, db);

	db_close(db);
	if (!found)
		return CLI_FAILED;
	if (is_gone(found)) {
		printf("already deprovisioned: %s\n", target_text(found, "id"));
		return CLI_OK;
	}
	if (cli_has(cli, OPTION_YES))
		return deprovision(cli, found);
	resources_print_one(cli, found);
	puts("would be deprovisioned for good: its config, grant, URLs and "
	     "tokens are erased.\nThe marketplace is not told, and bills it "
	     "until it deprovisions it too.\nWith --yes it is done.");
	return CLI_USAGE;
}
