/*
 * manifest.c - reads addon-manifest.json, the marketplace's own file.
 *
 * Source of the rules: Dev Center, "Add-on Manifest" (2014 to 2024), and the
 * manifest checks of kensa.  Members that are not named here are let be, as
 * Heroku's command line adds some; but in "api" they are told, for a misspelled
 * version would be version 1.
 */
#include "lib/addon/addon.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/dialect/dialect.h"
#include "lib/base/findings.h"
#include "lib/text/json.h"

enum { LONGEST_ID = 64 };

struct manifest {
	struct addon *addon;
	struct arena *arena;
	struct findings *findings;
	const char *file;
	const struct json *api;
};

static const char digits[] = "0123456789";
static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static bool begins(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* Is text made of the characters of these three sets only? */
static bool is_made_of(const char *text, const char *a, const char *b,
		       const char *c)
{
	for (; *text; text++)
		if (!strchr(a, *text) && !strchr(b, *text) && !strchr(c, *text))
			return false;
	return true;
}

static void error(const struct manifest *m, const char *field,
		  const char *remedy)
{
	finding_error(m->findings, "%s: %s %s", m->file, field, remedy);
}

static void warn(const struct manifest *m, const char *field,
		 const char *remedy)
{
	finding_warning(m->findings, "%s: %s %s", m->file, field, remedy);
}

static void warn_of_unknown(const struct manifest *m)
{
	static const char *const known[] = {
		"$base",    "config_vars", "config_vars_prefix",
		"password", "production",  "regions",
		"requires", "sso_salt",    "test",
		"username", "version",
	};
	const struct json *member = json_first(m->api);

	for (; member; member = json_next(member)) {
		size_t i = 0;

		while (i < COUNT(known)
		       && strcmp(known[i], json_name(member)) != 0)
			i++;
		if (i == COUNT(known))
			warn(m,
			     arena_printf(m->arena, "api.%s",
					  json_name(member)),
			     "is unknown and has no effect: correct its "
			     "spelling, unless the marketplace has put it "
			     "there");
	}
}

static void read_id(struct manifest *m, const struct json *document)
{
	const char *id = json_text(json_member(document, "id"));

	if (!id || !*id || strlen(id) > LONGEST_ID
	    || !is_made_of(id, digits, lower, "-_"))
		error(m, "id",
		      "must be the add-on's slug: 1 to 64 lower-case letters, "
		      "digits and dashes");
	else
		m->addon->id = id;
}

/* Its version as text; Heroku's is a string, people write a number. */
static const char *version_of(const struct json *version)
{
	static const char *const numbers[] = { "0", "1", "2", "3" };

	for (int i = 0; i < 4; i++)
		if (json_is_number(version, i))
			return numbers[i];
	return json_text(version);
}

static void read_version(struct manifest *m, const char *marketplace)
{
	const struct json *member = json_member(m->api, "version");
	const char *version = version_of(member);

	if (!member || version)
		m->addon->dialect = dialect_find(marketplace, version);
	if (!m->addon->dialect)
		error(m, "api.version",
		      "is none that provisor speaks: for heroku write \"3\", "
		      "or leave it out for the legacy version 1");
}

static void read_secrets(struct manifest *m)
{
	const struct json *salt = json_member(m->api, "sso_salt");
	const char *password = json_text(json_member(m->api, "password"));

	if (password)
		addon_take_secret(
			&m->addon->passwords, m->arena, password,
			arena_printf(m->arena, "%s: api.password", m->file),
			m->findings);
	else
		error(m, "api.password",
		      "is missing: put a random text of 32 characters there");
	m->addon->has_password = m->addon->passwords.count > 0;
	if (json_member(m->api, "username"))
		error(m, "api.username",
		      "is no longer used: remove it, the id is the user name");
	if (!salt)
		return;
	if (json_text(salt))
		addon_take_secret(
			&m->addon->salts, m->arena, json_text(salt),
			arena_printf(m->arena, "%s: api.sso_salt", m->file),
			m->findings);
	else
		error(m, "api.sso_salt", "must be a text");
}

/* Is every entry of an array a text? */
static bool has_only_texts(const struct json *array)
{
	const struct json *entry;

	if (!json_is_array(array))
		return false;
	for (entry = json_first(array); entry; entry = json_next(entry))
		if (!json_text(entry))
			return false;
	return true;
}

/* FAST_DB_ for fast-db, unless the manifest says otherwise.  NULL: without an
 * id nobody knows. */
static const char *config_vars_prefix(struct manifest *m)
{
	const struct json *member = json_member(m->api, "config_vars_prefix");
	char *prefix;

	if (json_text(member))
		return arena_printf(m->arena, "%s_", json_text(member));
	if (member)
		error(m, "api.config_vars_prefix", "must be a text");
	prefix =
		arena_printf(m->arena, "%s_", m->addon->id ? m->addon->id : "");
	for (char *c = prefix; *c; c++) {
		const char *letter = strchr(lower, *c);

		if (letter)
			*c = upper[letter - lower];
		else if (*c == '-')
			*c = '_';
	}
	return prefix;
}

static void check_config_var(struct manifest *m, const char *name,
			     const char *prefix)
{
	const char *field =
		arena_printf(m->arena, "api.config_vars: \"%s\"", name);

	if (!is_made_of(name, upper, digits, "_") || !*name
	    || !strchr(upper, *name))
		error(m, field,
		      "must be a name of capital letters, digits and _");
	else if (prefix
		 && (!begins(name, prefix) || strlen(name) == strlen(prefix)))
		error(m, field,
		      arena_printf(m->arena, "must begin with %s", prefix));
}

static void read_config_vars(struct manifest *m)
{
	const struct json *names = json_member(m->api, "config_vars");
	const char *prefix = config_vars_prefix(m);
	const struct json *name;

	if (!names)
		return;
	if (!has_only_texts(names)) {
		error(m, "api.config_vars", "must be an array of names");
		return;
	}
	for (name = json_first(names); name; name = json_next(name))
		check_config_var(m, json_text(name), prefix);
	m->addon->config_vars = names;
}

static void read_regions(struct manifest *m)
{
	const struct json *regions = json_member(m->api, "regions");

	if (regions && (!has_only_texts(regions) || json_count(regions) == 0))
		error(m, "api.regions",
		      "must be an array of region names, such as [\"us\"]");
}

static void read_requires(struct manifest *m)
{
	const struct json *requires = json_member(m->api, "requires");
	const struct json *entry;

	if (requires && !has_only_texts(requires)) {
		error(m, "api.requires", "must be an array of texts");
		return;
	}
	for (entry = json_first(requires); entry; entry = json_next(entry)) {
		if (strcmp(json_text(entry), "syslog_drain") == 0)
			m->addon->drains_logs = true;
		if (strcmp(json_text(entry), "log_input") == 0)
			m->addon->writes_logs = true;
	}
}

void addon_read_manifest(struct addon *addon, const char *marketplace,
			 struct findings *findings)
{
	struct arena *arena = addon->arena;
	struct manifest m = {
		.addon = addon,
		.arena = arena,
		.findings = findings,
		.file = arena_printf(arena, "%s/addon-manifest.json",
				     addon->home),
	};
	const struct json *document = addon_read_file(arena, m.file, findings);

	if (!document)
		return;
	m.api = json_member(document, "api");
	read_id(&m, document);
	if (!json_is_object(m.api)) {
		error(&m, "api", "must be an object");
		return;
	}
	warn_of_unknown(&m);
	read_version(&m, marketplace);
	read_secrets(&m);
	read_config_vars(&m);
	read_regions(&m);
	read_requires(&m);
	if (addon->dialect)
		addon_read_mount(addon, m.file, m.api, findings);
}
