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
#include "lib/provider/operator.h"
#include "lib/store/resource.h"
#include "lib/store/resource_list.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"
#include "lib/text/uuid.h"

/* The columns of tables; --json prints all members. */
static const char *const resource_members[] = {
	"id",   "marketplace", "addon",      "name",
	"plan", "state",       "created_at", NULL,
};
static const char *const kept_members[] = {
	"id", "marketplace", "addon", "name", "plan", "kept_until", NULL,
};
static const char *const event_members[] = {
	"at", "event", "actor", "request_id", "before", "after", NULL,
};

void resources_print_one(const struct cli *cli, const struct json *resource)
{
	rows_print_table(cli, &resource, 1, resource_members);
}

/* ---- options ---- */

static const char *list_states(struct arena *arena)
{
	const char *list = resource_state_name((enum resource_state)0);

	for (int i = 1; i < RESOURCE_STATES; i++)
		list = arena_printf(
			arena, "%s%s%s", list,
			i == RESOURCE_STATES - 1 ? " or " : ", ",
			resource_state_name((enum resource_state)i));
	return list;
}

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
	cli_fail("option --state must be %s", list_states(cli->arena));
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
	char uuid[UUID_LENGTH + 1];
	struct db *db;
	enum outcome outcome;

	if (!resources_read_query(cli, &query))
		return CLI_USAGE;
	query.text = text;
	query.limit = (int)cli_number(cli, OPTION_LIMIT);
	query.after = cli_option(cli, OPTION_AFTER);
	if (query.after && !uuid_read(query.after, uuid))
		return cli_refuse("option --after must be the id of a "
				  "resource, from the column ID");
	db = db_open(cli->settings.database);
	outcome = resource_list(db, cli->arena, &query, &found);
	db_close(db);
	if (outcome != OUTCOME_OK)
		return rows_fail();
	rows_print_page(cli, &found,
			query.state && strcmp(query.state, "kept") == 0
				? kept_members
				: resource_members);
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

/* The sealed values of a resource, opened; NULL: none. */
struct shown_values {
	const struct json *config;
	const struct json *options;
};

/* Open the values.  With --reveal, first record that the operator sees them.
 * Return false after printing or logging the reason. */
static bool open_with_keys(const struct cli *cli, struct db *db,
			   const struct sealing_keys *keys,
			   const struct resource_list_shown *found,
			   struct shown_values *values)
{
	const struct resource_identity identity =
		resource_identity_read(found->resource);
	struct operator_act act = target_act(cli);
	struct resource_secrets secrets = { 0 };

	if (cli_has(cli, OPTION_REVEAL)
	    && operator_reveal(db, &act, found->resource) != OUTCOME_OK)
		return false;
	if (found->options
	    && !resource_secrets_open_options(keys, cli->arena, identity,
					      found->options, &values->options))
		return false;
	if (!found->config)
		return true;
	if (!resource_secrets_open(keys, cli->arena, identity, found->config,
				   &secrets))
		return false;
	values->config = secrets.config;
	return true;
}

static bool open_shown_values(const struct cli *cli, struct db *db,
			      const struct resource_list_shown *found,
			      struct shown_values *values)
{
	struct sealing_keys *keys;
	bool is_open;

	*values = (struct shown_values){ 0 };
	if (!found->config && !found->options)
		return true;
	keys = cli_open_keys(cli);
	is_open = keys && open_with_keys(cli, db, keys, found, values);
	sealing_keys_close(keys);
	return is_open;
}

/* Return an object with null in place of each value; NULL for NULL. */
static const struct json *mask_values(const struct cli *cli,
				      const struct json *values)
{
	struct json *masked;

	if (!values || cli_has(cli, OPTION_REVEAL))
		return values;
	masked = json_object(cli->arena);
	for (const struct json *m = json_first(values); m; m = json_next(m))
		json_put(masked, json_name(m), NULL);
	return masked;
}

/* In a table, each value is a row of its own. */
static void add_shown(const struct cli *cli, struct json *shown,
		      const char *name, const struct json *values)
{
	values = mask_values(cli, values);
	if (cli_has(cli, OPTION_JSON)) {
		json_put(shown, name, values);
		return;
	}
	for (values = json_first(values); values; values = json_next(values))
		json_put_text(shown,
			      arena_printf(cli->arena, "%s %s", name,
					   json_name(values)),
			      json_text(values) ? json_text(values) : "");
}

static bool show_resource(const struct cli *cli, struct db *db, const char *id)
{
	struct resource_list_shown found;
	struct shown_values values;
	struct json *shown;
	bool is_open;

	if (resource_list_show(db, cli->arena, id, &found) != OUTCOME_OK) {
		rows_fail();
		return false;
	}
	is_open = open_shown_values(cli, db, &found, &values);
	shown = json_copy(cli->arena, found.resource);
	add_shown(cli, shown, "options", values.options);
	add_shown(cli, shown, "config", values.config);
	rows_print_fields(cli, shown);
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

	if (resource_list_history(db, cli->arena, id, false,
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
