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
#include "lib/store/resource_secrets.h"
#include "lib/crypto/sealing.h"

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

const char *ctl_resources_operator(struct arena *arena)
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

const struct addon *ctl_resources_addon(const struct addons *addons,
					const char *marketplace, const char *id)
{
	const struct addon *addon = addons_find(addons, marketplace, id);

	if (!addon)
		ctl_fail("%s at %s has no valid home: provisor addons list "
			 "says why",
			 id, marketplace);
	return addon;
}

void ctl_resources_print(const struct ctl *ctl, const struct json *resource)
{
	ctl_entries_print_row(ctl, resource, resource_members);
}

/* ---- which resources ---- */

bool ctl_resources_read_query(const struct ctl *ctl,
			      struct inventory_query *query)
{
	const char *since = ctl_option(ctl, "--since");
	enum resource_state state;

	*query = (struct inventory_query){
		.marketplace = ctl_option(ctl, "--marketplace"),
		.addon = ctl_option(ctl, "--addon"),
		.state = ctl_option(ctl, "--state"),
		.plan = ctl_option(ctl, "--plan"),
	};
	if (since && !config_read_duration(since, &query->since)) {
		ctl_fail("--since must be a duration such as 90min or 48h");
		return false;
	}
	if (query->state && !resource_state_named(query->state, &state)) {
		ctl_fail("--state must be provisioning, provisioned, "
			 "deprovisioning, deprovisioned, refused or "
			 "abandoned");
		return false;
	}
	return ctl_entries_read_limit(ctl, &query->limit);
}

bool ctl_resources_read_format(const struct ctl *ctl, const char *path,
			       enum resource_format *format)
{
	const char *name = ctl_option(ctl, "--format");
	const char *end = path ? strrchr(path, '.') : NULL;

	if (!name)
		name = end && strcmp(end, ".csv") == 0 ? "csv" : "jsonl";
	if (resource_format_named(name, format))
		return true;
	ctl_fail("--format must be jsonl or csv");
	return false;
}

static int list(const struct ctl *ctl, const char *text)
{
	struct inventory_query query;
	struct entries found;
	struct db *db;
	enum outcome outcome;

	if (!ctl_resources_read_query(ctl, &query))
		return CTL_USAGE;
	query.text = text;
	db = db_open(ctl->config.database);
	outcome = inventory_list(db, ctl->arena, &query, &found);
	db_close(db);
	if (outcome != OUTCOME_OK)
		return ctl_entries_fail();
	ctl_entries_print(ctl, &found, resource_members);
	ctl_entries_warn_of_cut(&found);
	return CTL_OK;
}

int ctl_resources_list(const struct ctl *ctl)
{
	return list(ctl, NULL);
}

int ctl_resources_find(const struct ctl *ctl)
{
	return list(ctl, ctl->words[0]);
}

const struct json *ctl_resources_one(const struct ctl *ctl, struct db *db)
{
	const struct inventory_query query = {
		.marketplace = ctl_option(ctl, "--marketplace"),
		.addon = ctl_option(ctl, "--addon"),
		.id = ctl->words[0],
		.limit = MOST_CANDIDATES,
	};
	struct entries found;

	if (inventory_list(db, ctl->arena, &query, &found) != OUTCOME_OK) {
		ctl_entries_fail();
		return NULL;
	}
	if (found.count == 1)
		return found.list[0];
	if (found.count == 0) {
		ctl_fail("no resource has the id %s; provisor resources find "
			 "looks for parts of ids and names",
			 query.id);
		return NULL;
	}
	ctl_entries_print(ctl, &found, candidate_members);
	ctl_fail("more than one resource has the id %s: take another id of "
		 "the one that is meant, or add --marketplace or --addon",
		 query.id);
	return NULL;
}

static const char *id_of(const struct json *resource)
{
	return json_text(json_member(resource, "id"));
}

/* ---- show ---- */

/* Opens *config, which stays NULL for a resource that has none.  False, and
 * said, when it does not open. */
static bool open_config(const struct ctl *ctl, const char *id,
			const char *sealed, const struct json **config)
{
	struct findings findings = { .arena = ctl->arena };
	struct secret_keys *keys;
	struct kept kept;
	bool is_open;

	*config = NULL;
	if (!sealed)
		return true;
	keys = secret_keys_open(ctl->config.keys, &findings);
	ctl_tell(&findings);
	is_open = keys && kept_open(keys, ctl->arena, id, sealed, &kept);
	if (is_open)
		*config = kept.config;
	secret_keys_close(keys);
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
static void print_fields(const struct ctl *ctl, const struct json *resource,
			 const struct json *config)
{
	struct table *table = ctl_entries_fields(ctl, resource);

	for (const struct json *m = json_first(config); m; m = json_next(m))
		table_add(table,
			  (const char *const[]){
				  arena_printf(ctl->arena, "config %s",
					       json_name(m)),
				  ctl_entries_text(ctl->arena, m) });
	table_print(table, false, ctl->has_colours);
}

/* The event comes first: what nobody could write down nobody sees. */
static bool show(const struct ctl *ctl, struct db *db, const char *id)
{
	const struct json *resource, *config;
	const char *sealed;
	bool is_open;

	if (inventory_show(db, ctl->arena, id, &resource, &sealed)
	    != OUTCOME_OK) {
		ctl_entries_fail();
		return false;
	}
	is_open = open_config(ctl, id, sealed, &config);
	if (config && !ctl_option(ctl, "--reveal")) {
		config = mask(ctl->arena, config);
	} else if (config
		   && inventory_reveal(db, ctl->arena, id,
				       ctl_resources_operator(ctl->arena))
			   != OUTCOME_OK) {
		ctl_entries_fail();
		return false;
	}
	if (ctl_option(ctl, "--json"))
		print_object(ctl->arena, resource, config);
	else
		print_fields(ctl, resource, config);
	return is_open;
}

int ctl_resources_show(const struct ctl *ctl)
{
	struct db *db = db_open(ctl->config.database);
	const struct json *found = ctl_resources_one(ctl, db);
	bool is_shown = found && show(ctl, db, id_of(found));

	db_close(db);
	return is_shown ? CTL_OK : CTL_FAILED;
}

/* ---- history ---- */

static bool tell_history(const struct ctl *ctl, struct db *db, const char *id,
			 int limit)
{
	struct entries events;

	if (inventory_history(db, ctl->arena, id, limit, &events)
	    != OUTCOME_OK) {
		ctl_entries_fail();
		return false;
	}
	ctl_entries_print(ctl, &events, event_members);
	ctl_entries_warn_of_cut(&events);
	return true;
}

int ctl_resources_history(const struct ctl *ctl)
{
	const struct json *found;
	struct db *db;
	bool is_told;
	int limit;

	if (!ctl_entries_read_limit(ctl, &limit))
		return CTL_USAGE;
	db = db_open(ctl->config.database);
	found = ctl_resources_one(ctl, db);
	is_told = found && tell_history(ctl, db, id_of(found), limit);
	db_close(db);
	return is_told ? CTL_OK : CTL_FAILED;
}
