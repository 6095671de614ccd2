/*
 * resources_create.c - provisor resources create and change-plan, for customers
 * without a marketplace.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/pairs.h"
#include "cgi/cli/target.h"
#include "cgi/cli/wrap.h"
#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"
#include "lib/provider/operator.h"
#include "lib/provider/provider.h"
#include "lib/text/json.h"

static const char *why_failed(const struct operator_act *act)
{
	return act->failure ? act->failure
			    : "the log line above has the reason";
}

/* Print the names of config vars; provisor resources show --reveal has the
 * values. */
static void print_config_names(const struct json *config)
{
	const struct json *var = json_first(config);

	if (!var)
		return;
	fputs("config vars:", stdout);
	for (; var; var = json_next(var))
		printf(" %s", json_name(var));
	putchar('\n');
}

static void print_response(const struct dialect_response *response)
{
	print_config_names(response->config);
	if (response->message)
		wrap_text(0, response->message);
}

/* ---- create ---- */

/* Return the marketplace of the add-on without one, or NULL after printing why
 * there is none. */
static const char *find_direct_marketplace(const struct addons *addons,
					   const char *id)
{
	for (int i = 0; i < addons->count; i++) {
		const struct addon *addon = addons->list[i];

		if (addon->dialect && addon->dialect->is_direct && addon->id
		    && strcmp(addon->id, id) == 0)
			return addon->dialect->marketplace;
	}
	cli_fail("%s: there is no such add-on in the folder direct: create it "
		 "with provisor init direct %s, or correct the name",
		 id, id);
	return NULL;
}

static int create_with(const struct cli *cli, struct provider *provider,
		       const struct operator_new *new)
{
	struct operator_act act = target_act(cli);
	struct dialect_response response = { 0 };
	bool is_repeat;
	enum outcome outcome =
		operator_create(provider, &act, new, &response, &is_repeat);

	if (outcome == OUTCOME_GONE)
		return cli_fail("the resource with the id %s is deprovisioned: "
				"choose another id",
				new->key);
	if (outcome != OUTCOME_OK)
		return cli_fail("no resource is created: %s%s",
				why_failed(&act),
				outcome == OUTCOME_UNAVAILABLE
					? "; the same command can be repeated"
					: "");
	printf("%s: %s\n", is_repeat ? "exists already" : "created",
	       response.id);
	print_response(&response);
	return CLI_OK;
}

int cli_resources_create(const struct cli *cli)
{
	struct provider provider;
	struct operator_new new = {
		.addon = cli->words[0],
		.key = cli->words[1],
		.plan = cli->words[2],
		.name = cli_option(cli, OPTION_NAME),
		.region = cli_option(cli, OPTION_REGION),
		.options = cli_pairs(cli, OPTION_OPTION, "--option"),
	};
	int status = CLI_FAILED;

	if (!new.options)
		return CLI_USAGE;
	if (!provider_open(&provider, &cli->settings))
		return CLI_FAILED;
	new.marketplace = find_direct_marketplace(provider.addons, new.addon);
	if (new.marketplace)
		status = create_with(cli, &provider, &new);
	provider_close(&provider);
	return status;
}

/* ---- change-plan ---- */

static int change_with(const struct cli *cli, struct provider *provider,
		       const struct json *resource)
{
	struct operator_act act = target_act(cli);
	struct dialect_response response = { 0 };
	const char *plan = cli->words[1];

	if (operator_change_plan(provider, &act, resource, plan, &response)
	    != OUTCOME_OK)
		return cli_fail("%s: the plan is not changed: %s",
				target_text(resource, "id"), why_failed(&act));
	printf("plan %s: %s\n", plan, target_text(resource, "id"));
	print_response(&response);
	return CLI_OK;
}

int cli_resources_change_plan(const struct cli *cli)
{
	struct provider provider;
	const struct json *found = target_open(cli, &provider);
	int status;

	if (!found)
		return CLI_FAILED;
	status = change_with(cli, &provider, found);
	provider_close(&provider);
	return status;
}
