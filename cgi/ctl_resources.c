/*
 * ctl_resources.c - provisor resources: what customers have, and what happened
 * to it.
 */
#include "cgi/ctl_resources.h"

#include <ctype.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgi/ctl.h"
#include "cgi/table.h"
#include "lib/arena.h"
#include "lib/db.h"
#include "lib/finding.h"
#include "lib/inventory.h"
#include "lib/json.h"
#include "lib/provider.h"
#include "lib/resource.h"
#include "lib/secret.h"

enum { USUAL_LIMIT = 100, MOST_CANDIDATES = 20, MOST_MEMBERS = 15 };

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
	const char *invoker = getenv("SUDO_USER");
	const struct passwd *user = invoker ? getpwnam(invoker) : NULL;

	if (!user)
		user = getpwuid(getuid());
	return user
		? arena_printf(arena, "operator:%s", user->pw_name)
		: arena_printf(arena, "operator:%u", (unsigned int)getuid());
}

static int fail_at_database(void)
{
	return ctl_fail("the database did not answer as it should; the log "
			"line above says why");
}

/* ---- printing ---- */

/* NULL for JSON's null. */
static const char *text_of(struct arena *arena, const struct json *value)
{
	if (!value || json_is_null(value))
		return NULL;
	return json_text(value) ? json_text(value) : json_print(arena, value);
}

/* "created_at" as a column's heading. */
static const char *heading(struct arena *arena, const char *member)
{
	char *text = arena_strdup(arena, member);

	for (char *c = text; *c; c++) {
		if (*c == '_')
			*c = ' ';
		else
			*c = (char)toupper((unsigned char)*c);
	}
	return text;
}

static void print_table(const struct ctl *ctl, const struct inventory *found,
			const char *const members[])
{
	const char *cells[MOST_MEMBERS + 1] = { NULL };
	struct table *table;

	for (int i = 0; members[i]; i++)
		cells[i] = heading(ctl->arena, members[i]);
	table = table_create(ctl->arena, cells);
	for (int row = 0; row < found->count; row++) {
		for (int i = 0; members[i]; i++)
			cells[i] = text_of(
				ctl->arena,
				json_member(found->entries[row], members[i]));
		table_add(table, cells);
	}
	table_print(table, false, ctl->has_colours);
}

static void print_entries(const struct ctl *ctl, const struct inventory *found,
			  const char *const members[])
{
	if (!ctl_option(ctl, "--json"))
		print_table(ctl, found, members);
	else
		for (int i = 0; i < found->count; i++)
			puts(json_print(ctl->arena, found->entries[i]));
}

void ctl_resources_print(const struct ctl *ctl, const struct json *resource)
{
	print_table(ctl,
		    &(struct inventory){ .count = 1, .entries = &resource },
		    resource_members);
}

static void warn_of_cut(const struct inventory *found)
{
	if (found->is_cut)
		ctl_fail("only the newest %d are shown; --limit N shows more",
			 found->count);
}

/* ---- which resources ---- */

static bool read_limit(const struct ctl *ctl, int *limit)
{
	const char *text = ctl_option(ctl, "--limit");
	size_t digits = text ? strspn(text, "0123456789") : 0;

	*limit = USUAL_LIMIT;
	if (!text)
		return true;
	if (digits > 0 && digits <= 5 && !text[digits])
		*limit = atoi(text);
	else
		*limit = 0;
	if (*limit >= 1 && *limit <= INVENTORY_MOST)
		return true;
	ctl_fail("--limit must be a number from 1 to %d", INVENTORY_MOST);
	return false;
}

/* What the options ask for.  False, and said, when they cannot be read. */
static bool read_query(const struct ctl *ctl, struct inventory_query *query)
{
	const char *since = ctl_option(ctl, "--since");

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
	if (query->state && !resource_has_state(query->state)) {
		ctl_fail("--state must be provisioning, provisioned, "
			 "deprovisioning, deprovisioned, refused or "
			 "abandoned");
		return false;
	}
	return read_limit(ctl, &query->limit);
}

static int list(const struct ctl *ctl, const char *text)
{
	struct inventory_query query;
	struct inventory found;
	struct db *db;
	enum outcome outcome;

	if (!read_query(ctl, &query))
		return CTL_USAGE;
	query.text = text;
	db = db_open(ctl->config.database);
	outcome = inventory_list(db, ctl->arena, &query, &found);
	db_close(db);
	if (outcome != OUTCOME_OK)
		return fail_at_database();
	print_entries(ctl, &found, resource_members);
	warn_of_cut(&found);
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
	struct inventory found;

	if (inventory_list(db, ctl->arena, &query, &found) != OUTCOME_OK) {
		fail_at_database();
		return NULL;
	}
	if (found.count == 1)
		return found.entries[0];
	if (found.count == 0) {
		ctl_fail("no resource has the id %s; provisor resources find "
			 "looks for parts of ids and names",
			 query.id);
		return NULL;
	}
	print_entries(ctl, &found, candidate_members);
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

	*config = NULL;
	if (!sealed)
		return true;
	keys = secret_keys_open(ctl->config.keys, &findings);
	ctl_tell(&findings);
	if (keys)
		*config = provider_open_config(keys, ctl->arena, id, sealed);
	secret_keys_close(keys);
	return *config;
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

/* A line for each member that is not null; those of config with its name. */
static void print_fields(const struct ctl *ctl, const struct json *resource,
			 const struct json *config)
{
	static const char *const columns[] = { "FIELD", "VALUE", NULL };
	struct table *table = table_create(ctl->arena, columns);

	for (const struct json *m = json_first(resource); m; m = json_next(m)) {
		const char *text = text_of(ctl->arena, m);

		if (text)
			table_add(table,
				  (const char *const[]){ json_name(m), text });
	}
	for (const struct json *m = json_first(config); m; m = json_next(m))
		table_add(table,
			  (const char *const[]){ arena_printf(ctl->arena,
							      "config %s",
							      json_name(m)),
						 text_of(ctl->arena, m) });
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
		fail_at_database();
		return false;
	}
	is_open = open_config(ctl, id, sealed, &config);
	if (config && !ctl_option(ctl, "--reveal")) {
		config = mask(ctl->arena, config);
	} else if (config
		   && inventory_reveal(db, ctl->arena, id,
				       ctl_resources_operator(ctl->arena))
			   != OUTCOME_OK) {
		fail_at_database();
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
	struct inventory events;

	if (inventory_history(db, ctl->arena, id, limit, &events)
	    != OUTCOME_OK) {
		fail_at_database();
		return false;
	}
	print_entries(ctl, &events, event_members);
	warn_of_cut(&events);
	return true;
}

int ctl_resources_history(const struct ctl *ctl)
{
	const struct json *found;
	struct db *db;
	bool is_told;
	int limit;

	if (!read_limit(ctl, &limit))
		return CTL_USAGE;
	db = db_open(ctl->config.database);
	found = ctl_resources_one(ctl, db);
	is_told = found && tell_history(ctl, db, id_of(found), limit);
	db_close(db);
	return is_told ? CTL_OK : CTL_FAILED;
}
