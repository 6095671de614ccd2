/*
 * resources.c - provisor resources list, find, show and history.
 */
#include "cgi/cli/resources.h"

#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/commands.h"
#include "cgi/cli/rows.h"
#include "cgi/cli/target.h"
#include "lib/base/arena.h"
#include "lib/crypto/sealing.h"
#include "lib/crypto/sealing_keys.h"
#include "lib/db/db.h"
#include "lib/provider/resource_page.h"
#include "lib/store/resource.h"
#include "lib/store/resource_list.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"

/* The columns of tables; --json prints all members. */
static const char *const resource_members[] = {
	"id",   "marketplace", "addon",      "name",
	"plan", "state",       "created_at", NULL,
};
static const char *const event_members[] = {
	"at", "event", "actor", "request_id", "before", "after", NULL,
};

void resources_print_one(const struct cli *cli, const struct json *resource)
{
	rows_print_table(cli, &resource, 1, resource_members);
}

/* ---- options ---- */

bool resources_read_query(const struct cli *cli,
			  struct resource_list_query *query)
{
	enum resource_state state;

	*query = (struct resource_list_query){
		.marketplace = cli_option(cli, OPTION_MARKETPLACE),
		.addon = cli_option(cli, OPTION_ADDON),
		.state = cli_option(cli, OPTION_STATE),
		.plan = cli_option(cli, OPTION_PLAN),
		.since = cli_number(cli, OPTION_SINCE),
	};
	if (!query->state || resource_state_named(query->state, &state))
		return true;
	cli_fail("option --state must be provisioning, provisioned, "
		 "deprovisioning, deprovisioned, refused or abandoned");
	return false;
}

bool resources_read_format(const struct cli *cli, const char *path,
			   enum import_format *format)
{
	const char *name = cli_option(cli, OPTION_FORMAT);
	const char *end = path ? strrchr(path, '.') : NULL;

	if (!name)
		name = end && strcmp(end, ".csv") == 0 ? "csv" : "jsonl";
	if (import_format_named(name, format))
		return true;
	cli_fail("option --format must be jsonl or csv");
	return false;
}

/* ---- list and find ---- */

static int list_resources(const struct cli *cli, const char *text)
{
	struct resource_list_query query;
	struct json_rows found;
	struct db *db;
	enum outcome outcome;

	if (!resources_read_query(cli, &query))
		return CLI_USAGE;
	query.text = text;
	query.limit = (int)cli_number(cli, OPTION_LIMIT);
	db = db_open(cli->settings.database);
	outcome = resource_list(db, cli->arena, &query, &found);
	db_close(db);
	if (outcome != OUTCOME_OK)
		return rows_fail();
	rows_print(cli, &found, resource_members);
	return CLI_OK;
}

int cli_resources_list(const struct cli *cli)
{
	return list_resources(cli, NULL);
}

int cli_resources_find(const struct cli *cli)
{
	return list_resources(cli, cli->words[0]);
}

/* ---- show ---- */

/*
 * Open the sealed config vars as *config, which stays NULL for a resource that
 * has none.  With --reveal, first record that the operator sees them.  Return
 * false after printing or logging the reason.
 */
static bool open_shown_config(const struct cli *cli, struct db *db,
			      const char *id, const char *sealed,
			      const struct json **config)
{
	struct sealing_keys *keys;
	struct resource_secrets secrets = { 0 };
	bool is_open;

	*config = NULL;
	if (!sealed)
		return true;
	keys = cli_open_keys(cli);
	if (keys && cli_has(cli, OPTION_REVEAL))
		is_open = provider_reveal(db, keys, cli->arena, id,
					  cli_operator(cli->arena), sealed,
					  &secrets)
			== OUTCOME_OK;
	else
		is_open = keys
			&& resource_secrets_open(keys, cli->arena, id, sealed,
						 &secrets);
	if (is_open)
		*config = secrets.config;
	sealing_keys_close(keys);
	return is_open;
}

/* Return config with null in place of each value. */
static const struct json *mask_config(struct arena *arena,
				      const struct json *config)
{
	struct json *masked = json_object(arena);

	for (const struct json *m = json_first(config); m; m = json_next(m))
		json_put(masked, json_name(m), NULL);
	return masked;
}

/* In a table, each config var is a row of its own. */
static void print_resource(const struct cli *cli, const struct json *resource,
			   const struct json *config)
{
	struct json *shown = json_copy(cli->arena, resource);
	const struct json *var;

	if (cli_has(cli, OPTION_JSON))
		json_put(shown, "config", config);
	else
		for (var = json_first(config); var; var = json_next(var))
			json_put_text(shown,
				      arena_printf(cli->arena, "config %s",
						   json_name(var)),
				      json_text(var) ? json_text(var) : "");
	rows_print_fields(cli, shown);
}

static bool show_resource(const struct cli *cli, struct db *db, const char *id)
{
	const struct json *resource, *config;
	const char *sealed;
	bool is_open;

	if (resource_list_show(db, cli->arena, id, &resource, &sealed)
	    != OUTCOME_OK) {
		rows_fail();
		return false;
	}
	is_open = open_shown_config(cli, db, id, sealed, &config);
	if (config && !cli_has(cli, OPTION_REVEAL))
		config = mask_config(cli->arena, config);
	print_resource(cli, resource, config);
	return is_open;
}

int cli_resources_show(const struct cli *cli)
{
	struct db *db = db_open(cli->settings.database);
	const struct json *found = target_find(cli, db);
	bool is_shown =
		found && show_resource(cli, db, target_text(found, "id"));

	db_close(db);
	return is_shown ? CLI_OK : CLI_FAILED;
}

/* ---- history ---- */

static int print_history(const struct cli *cli, struct db *db, const char *id)
{
	struct json_rows events;

	if (resource_list_history(db, cli->arena, id,
				  (int)cli_number(cli, OPTION_LIMIT), &events)
	    != OUTCOME_OK)
		return rows_fail();
	rows_print(cli, &events, event_members);
	return CLI_OK;
}

int cli_resources_history(const struct cli *cli)
{
	struct db *db = db_open(cli->settings.database);
	const struct json *found = target_find(cli, db);
	int status = found ? print_history(cli, db, target_text(found, "id"))
			   : CLI_FAILED;

	db_close(db);
	return status;
}
