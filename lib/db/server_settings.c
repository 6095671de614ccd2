#include "lib/db/server_settings.h"

#include <string.h>

#include "lib/base/base.h"
#include "lib/base/findings.h"
#include "lib/db/db.h"

/* Embedded from the .sql file of the same name. */
extern const struct db_statement server_settings_sql;

struct settings_check {
	const struct server_settings_use *use;
	const char *place;
	struct findings *findings;
	const struct db_rows *settings;
};

/* The columns of server_settings.sql, in their order. */
enum { SETTINGS_NAME, SETTINGS_VALUE };

/* Return the value of a setting, or "" if this server does not have it. */
static const char *server_setting(const struct settings_check *check,
				  const char *name)
{
	for (int i = 0; i < db_count(check->settings); i++)
		if (strcmp(db_text(check->settings, i, SETTINGS_NAME), name)
		    == 0)
			return db_text(check->settings, i, SETTINGS_VALUE);
	return "";
}

struct setting_rule {
	const char *name;
	const char *bad;
	bool is_error;
	const char *cause, *remedy;
};

static void apply_rules(const struct settings_check *check,
			const struct setting_rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct setting_rule *r = &rules[i];

		if (strcmp(server_setting(check, r->name), r->bad) != 0)
			continue;
		if (r->is_error)
			finding_error(check->findings, "%s: %s is %s, %s: %s",
				      check->place, r->name, r->bad, r->cause,
				      r->remedy);
		else
			finding_warning(check->findings, "%s: %s is %s, %s: %s",
					check->place, r->name, r->bad, r->cause,
					r->remedy);
	}
}

static void check_durability(const struct settings_check *check)
{
	static const char in_file[] =
		"switch it on in postgresql.conf and reload the server";
	static const struct setting_rule rules[] = {
		{ "fsync", "off", true,
		  "so a crash of the machine can lose the whole database",
		  in_file },
		{ "full_page_writes", "off", true,
		  "so a crash of the machine can corrupt tables", in_file },
		{ "synchronous_commit", "off", true,
		  "so a crash can lose changes that a marketplace relies on",
		  "switch it on in postgresql.conf, or reset it for the role "
		  "or database" },
	};

	apply_rules(check, rules, COUNT(rules));
}

static void check_failover(const struct settings_check *check)
{
	bool is_synchronous =
		*server_setting(check, "synchronous_standby_names");

	if (!check->use->has_standby)
		return;
	if (!is_synchronous)
		finding_warning(check->findings,
				"%s: has a standby but no "
				"synchronous_standby_names, so a failover may "
				"lose changes that a marketplace relies on: "
				"set them in postgresql.conf",
				check->place);
	else if (strcmp(server_setting(check, "synchronous_commit"), "local")
		 == 0)
		finding_warning(check->findings,
				"%s: synchronous_commit is local, so a "
				"failover may lose changes that a marketplace "
				"relies on: set it to on",
				check->place);
}

static void check_limits(const struct settings_check *check)
{
	static const struct setting_rule rules[] = {
		{ "statement_timeout", "0", false,
		  "so a statement continues after its time limit",
		  "ALTER ROLE provisor_worker SET statement_timeout = '5s'" },
		{ "lock_timeout", "0", false,
		  "so a statement can wait for a lock without limit",
		  "ALTER ROLE provisor_worker SET lock_timeout = '3s'" },
		{ "client_connection_check_interval", "0", false,
		  "so the server continues the statements of a worker that is gone",
		  "ALTER ROLE provisor_worker SET "
		  "client_connection_check_interval = '1s'" },
		{ "jit", "on", false,
		  "so the server compiles a statement whose cost it overestimates, for up to a second",
		  "ALTER ROLE provisor_worker SET jit = off" },
	};

	if (check->use->is_worker)
		apply_rules(check, rules, COUNT(rules));
}

enum outcome server_settings_check(struct db *db, struct arena *arena,
				   const struct server_settings_use *use,
				   const char *place, struct findings *findings)
{
	struct settings_check check = { use, place, findings, NULL };
	enum outcome outcome =
		db_run(db, arena, &server_settings_sql, NULL, &check.settings);

	if (outcome != OUTCOME_OK)
		return outcome;
	check_durability(&check);
	check_failover(&check);
	check_limits(&check);
	return OUTCOME_OK;
}
