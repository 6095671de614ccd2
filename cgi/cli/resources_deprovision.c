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
#include "lib/provider/operator.h"
#include "lib/provider/operator_words.h"

static bool is_in_state(const struct json *resource, const char *state)
{
	return strcmp(target_text(resource, "state"), state) == 0;
}

static bool is_deprovisioned(const struct json *resource)
{
	return is_in_state(resource, "deprovisioning")
		|| is_in_state(resource, "deprovisioned");
}

static int deprovision_with(const struct cli *cli, struct provider *provider,
			    const struct json *resource)
{
	const char *id = target_text(resource, "id");
	struct operator_act act = target_act(cli);
	enum outcome outcome = cli_has(cli, OPTION_NOW)
		? operator_deprovision_now(provider, &act, resource)
		: operator_deprovision(provider, &act, resource);

	if (outcome != OUTCOME_OK && outcome != OUTCOME_GONE)
		return cli_fail("%s is not deprovisioned: %s", id,
				act.failure
					? act.failure
					: "the log line above has the reason");
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
	putchar('\n');
	wrap_text(0,
		  cli_has(cli, OPTION_NOW) ? operator_words_remove
					   : operator_words_deprovision);
	wrap_text(0, "To deprovision it, add --yes.");
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
	if (is_in_state(found, "kept") && !cli_has(cli, OPTION_NOW)) {
		printf("already deprovisioned: %s\nIt can be restored until "
		       "%s; --now ends that.\n",
		       target_text(found, "id"),
		       target_text(found, "kept_until"));
		return CLI_OK;
	}
	return cli_has(cli, OPTION_YES) ? deprovision(cli, found)
					: explain_deprovision(cli, found);
}
