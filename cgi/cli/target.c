/*
 * target.c - provisor resources: what customers have, and what happened
 * to it.
 */
#include "cgi/cli/target.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/rows.h"
#include "cgi/cli/table.h"
#include "lib/addon/homes.h"
#include "lib/base/arena.h"
#include "lib/db/db.h"
#include "lib/base/findings.h"
#include "lib/store/resource_list.h"
#include "lib/text/json.h"
#include "lib/provider/resource_page.h"
#include "lib/store/resource_secrets.h"
#include "lib/crypto/sealing.h"
#include "lib/text/number.h"

enum { MOST_CANDIDATES = 20 };

/* Members shown in the columns of a table; --json has them all. */
static const char *const resource_members[] = {
	"id",   "marketplace", "addon",      "name",
	"plan", "state",       "created_at", NULL,
};
static const char *const candidate_members[] = {
	"id",    "marketplace_id", "provider_id", "marketplace",
	"addon", "state",          NULL,
};
static const char *const event_members[] = {
	"at", "what", "actor", "request_id", "before", "after", NULL,
};

const char *target_operator(struct arena *arena)
{
	/* Root alone may say on whose behalf it acts. */
	const char *invoker = getuid() == 0 ? getenv("SUDO_USER") : NULL;
	const struct passwd *user = invoker ? getpwnam(invoker) : NULL;

	if (!user)
		user = getpwuid(getuid());
	return user
		? arena_printf(arena, "operator:%s", user->pw_name)
		: arena_printf(arena, "operator:%u", (unsigned int)getuid());
}

const struct addon *target_addon(const struct addons *addons,
				 const char *marketplace, const char *id)
{
	const struct addon *addon = addons_find(addons, marketplace, id);

	if (!addon)
		cli_fail("%s at %s has no valid home: provisor addons list "
			 "says why",
			 id, marketplace);
	return addon;
}

void target_print(const struct cli *cli, const struct json *resource)
{
	rows_print_row(cli, resource, resource_members);
}

/* ---- which resources ---- */

bool target_read_query(const struct cli *cli, struct resource_list_query *query)
{
	const char *since = cli_option(cli, "--since");
	enum resource_state state;

	*query = (struct resource_list_query){
		.marketplace = cli_option(cli, "--marketplace"),
		.addon = cli_option(cli, "--addon"),
		.state = cli_option(cli, "--state"),
		.plan = cli_option(cli, "--plan"),
	};
	if (since && !number_read_duration(since, &query->since)) {
		cli_fail("--since must be a duration such as 90min or 48h");
		return false;
	}
	if (query->state && !resource_state_named(query->state, &state)) {
		cli_fail("--state must be provisioning, provisioned, "
			 "deprovisioning, deprovisioned, refused or "
			 "abandoned");
		return false;
	}
	return rows_read_limit(cli, &query->limit);
}

bool target_read_format(const struct cli *cli, const char *path,
			enum import_format *format)
{
	const char *name = cli_option(cli, "--format");
	const char *end = path ? strrchr(path, '.') : NULL;

	if (!name)
		name = end && strcmp(end, ".csv") == 0 ? "csv" : "jsonl";
	if (import_format_named(name, format))
		return true;
	cli_fail("--format must be jsonl or csv");
	return false;
}

static int list(const struct cli *cli, const char *text)
{
	struct resource_list_query query;
	struct json_rows found;
	struct db *db;
	enum outcome outcome;

	if (!target_read_query(cli, &query))
		return CLI_USAGE;
	query.text = text;
	db = db_open(cli->settings.database);
	outcome = resource_list(db, cli->arena, &query, &found);
	db_close(db);
	if (outcome != OUTCOME_OK)
		return rows_fail();
	rows_print(cli, &found, resource_members);
	rows_warn_of_cut(&found);
	return CLI_OK;
}

int cli_resources_list(const struct cli *cli)
{
	return list(cli, NULL);
}

int cli_resources_find(const struct cli *cli)
{
	return list(cli, cli->words[0]);
}

const struct json *target_one(const struct cli *cli, struct db *db)
{
	const struct resource_list_query query = {
		.marketplace = cli_option(cli, "--marketplace"),
		.addon = cli_option(cli, "--addon"),
		.id = cli->words[0],
		.limit = MOST_CANDIDATES,
	};
	struct json_rows found;

	if (resource_list(db, cli->arena, &query, &found) != OUTCOME_OK) {
		rows_fail();
		return NULL;
	}
	if (found.count == 1)
		return found.list[0];
	if (found.count == 0) {
		cli_fail("no resource has the id %s; provisor resources find "
			 "looks for parts of ids and names",
			 query.id);
		return NULL;
	}
	rows_print(cli, &found, candidate_members);
	cli_fail("more than one resource has the id %s: take another id of "
		 "the one that is meant, or add --marketplace or --addon",
		 query.id);
	return NULL;
}

static const char *id_of(const struct json *resource)
{
	return json_text(json_member(resource, "id"));
}

/* ---- show ---- */

/* Open *config, or record that the operator sees it and open it.  It stays NULL
 * for a resource that has none.  Return false after logging the reason. */
static bool open_config(const struct cli *cli, struct db *db, const char *id,
			const char *sealed, const struct json **config)
{
	struct findings findings = { .arena = cli->arena };
	struct sealing_keys *keys;
	struct resource_secrets secrets = { 0 };
	bool is_open;

	*config = NULL;
	if (!sealed)
		return true;
	keys = sealing_keys_open(cli->settings.keys, &findings);
	cli_tell(&findings);
	if (keys && cli_option(cli, "--reveal"))
		is_open = provider_reveal(db, keys, cli->arena, id,
					  target_operator(cli->arena), sealed,
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

/* The names in config, each with null in place of its value. */
static const struct json *mask(struct arena *arena, const struct json *config)
{
	struct json *masked = json_object(arena);

	for (const struct json *m = json_first(config); m; m = json_next(m))
		json_put(masked, json_name(m), NULL);
	return masked;
}

static void print_object(struct arena *arena, const struct json *resource,
			 const struct json *config)
{
	struct json *object = json_object(arena);

	for (const struct json *m = json_first(resource); m; m = json_next(m))
		json_put(object, json_name(m), m);
	json_put(object, "config", config);
	puts(json_print(arena, object));
}

/* Those of config have lines of their own. */
static void print_fields(const struct cli *cli, const struct json *resource,
			 const struct json *config)
{
	struct table *table = rows_fields(cli, resource);

	for (const struct json *m = json_first(config); m; m = json_next(m))
		table_add(table,
			  (const char *const[]){ arena_printf(cli->arena,
							      "config %s",
							      json_name(m)),
						 rows_text(cli->arena, m) });
	table_print(table, false, cli->has_colours);
}

static bool show(const struct cli *cli, struct db *db, const char *id)
{
	const struct json *resource, *config;
	const char *sealed;
	bool is_open;

	if (resource_list_show(db, cli->arena, id, &resource, &sealed)
	    != OUTCOME_OK) {
		rows_fail();
		return false;
	}
	is_open = open_config(cli, db, id, sealed, &config);
	if (config && !cli_option(cli, "--reveal"))
		config = mask(cli->arena, config);
	if (cli_option(cli, "--json"))
		print_object(cli->arena, resource, config);
	else
		print_fields(cli, resource, config);
	return is_open;
}

int cli_resources_show(const struct cli *cli)
{
	struct db *db = db_open(cli->settings.database);
	const struct json *found = target_one(cli, db);
	bool is_shown = found && show(cli, db, id_of(found));

	db_close(db);
	return is_shown ? CLI_OK : CLI_FAILED;
}

/* ---- history ---- */

static bool tell_history(const struct cli *cli, struct db *db, const char *id,
			 int limit)
{
	struct json_rows events;

	if (resource_list_history(db, cli->arena, id, limit, &events)
	    != OUTCOME_OK) {
		rows_fail();
		return false;
	}
	rows_print(cli, &events, event_members);
	rows_warn_of_cut(&events);
	return true;
}

int cli_resources_history(const struct cli *cli)
{
	const struct json *found;
	struct db *db;
	bool is_told;
	int limit;

	if (!rows_read_limit(cli, &limit))
		return CLI_USAGE;
	db = db_open(cli->settings.database);
	found = target_one(cli, db);
	is_told = found && tell_history(cli, db, id_of(found), limit);
	db_close(db);
	return is_told ? CLI_OK : CLI_FAILED;
}
