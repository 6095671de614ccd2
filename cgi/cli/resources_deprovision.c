/*
 * resources_deprovision.c - provisor resources deprovision.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/resources.h"
#include "cgi/cli/target.h"
#include "cgi/cli/wrap.h"
#include "lib/db/db.h"
#include "lib/provider/provider.h"

static bool is_deprovisioned(const struct json *resource)
{
	const char *state = target_text(resource, "state");

	return strcmp(state, "deprovisioning") == 0
		|| strcmp(state, "deprovisioned") == 0;
}

static int deprovision_with(const struct cli *cli, struct provider *provider,
			    const struct json *resource)
{
	const char *id = target_text(resource, "id");
	struct provider_call call;
	enum outcome outcome;

	if (!target_call(cli, provider, resource, &call))
		return CLI_FAILED;
	outcome = provider_deprovision_id(provider, &call, id);
	if (outcome != OUTCOME_OK && outcome != OUTCOME_GONE)
		return cli_fail("%s is not deprovisioned; the log line above "
				"has the reason",
				id);
	printf("deprovisioned: %s\n", id);
	return CLI_OK;
}

static int deprovision(const struct cli *cli, const struct json *resource)
{
	struct provider provider;
	int status;

	if (!provider_open(&provider, &cli->settings))
		return CLI_FAILED;
	status = deprovision_with(cli, &provider, resource);
	provider_close(&provider);
	return status;
}

static int explain_deprovision(const struct cli *cli,
			       const struct json *resource)
{
	resources_print_one(cli, resource);
	wrap_text(0,
		  "\nThis resource would be deprovisioned for good: its "
		  "config vars, grant, URLs and tokens are erased.  The "
		  "marketplace is not notified, and bills the resource "
		  "until it deprovisions it, too.\nTo deprovision it, add "
		  "--yes.");
	return CLI_USAGE;
}

int cli_resources_deprovision(const struct cli *cli)
{
	struct db *db = db_open(cli->settings.database);
	const struct json *found = target_find(cli, db);

	db_close(db);
	if (!found)
		return CLI_FAILED;
	if (is_deprovisioned(found)) {
		printf("already deprovisioned: %s\n", target_text(found, "id"));
		return CLI_OK;
	}
	return cli_has(cli, OPTION_YES) ? deprovision(cli, found)
					: explain_deprovision(cli, found);
}
