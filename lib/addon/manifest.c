#include "lib/addon/manifest.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/home_file.h"
#include "lib/addon/mount.h"
#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/dialect/dialect.h"
#include "lib/text/json.h"

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

enum { LONGEST_ID = 64 };

struct manifest {
	struct home_file file;
	struct addon *addon;
	const struct json *api; /* its member "api" */
};

static bool has_only_characters(const char *text, const char *characters)
{
	return *text && text[strspn(text, characters)] == '\0';
}

static const char *const api_members[] = {
	"config_vars", "config_vars_prefix", "password", "production",
	"regions",     "requires",           "sso_salt", "test",
	"version",
};

/* An unknown member is not an error: marketplaces add their own members. */
static void warn_of_unknown_api_members(const struct manifest *m)
{
	static const char *const others[] = { "$base", "username" };
	const struct json *member;

	for (member = json_first(m->api); member; member = json_next(member))
		if (!home_file_is_known(member, api_members, COUNT(api_members))
		    && !home_file_is_known(member, others, COUNT(others)))
			home_file_warn(&m->file,
				       arena_printf(m->file.arena, "api.%s",
						    json_name(member)),
				       "is unknown and has no effect: correct "
				       "its spelling, unless the marketplace "
				       "has put it there");
}

/*
 * A member of "api" that is beside it has no effect.  This is an error if api
 * lacks it, because the add-on would then work differently than intended: a
 * version there, for example, would be version 1.
 */
static void refuse_misplaced_members(const struct manifest *m)
{
	const struct json *member = json_first(m->file.document);

	for (; member; member = json_next(member)) {
		const char *name = json_name(member);

		if (!home_file_is_known(member, api_members,
					COUNT(api_members)))
			continue;
		if (json_member(m->api, name))
			home_file_warn(&m->file, name,
				       "is outside api and has no effect; "
				       "api.%s is in force: remove it",
				       name);
		else
			home_file_error(&m->file, name,
					"is outside api, where it has no "
					"effect: move it into api");
	}
}

static void read_id(struct manifest *m)
{
	const char *id = json_text(json_member(m->file.document, "id"));

	if (!id || strlen(id) > LONGEST_ID
	    || !has_only_characters(id, DIGITS LOWER "-_"))
		home_file_error(&m->file, "id",
				"must be the add-on's slug, with which the "
				"marketplace logs in: 1 to 64 lower-case "
				"letters, digits, - and _");
	else
		m->addon->id = id;
}

/* Return the version as text.  Heroku's manifests have a string, but people
 * write a number. */
static const char *version_text(const struct json *version)
{
	static const char *const numbers[] = { "0", "1", "2", "3" };

	for (int i = 0; i < (int)COUNT(numbers); i++)
		if (json_is_number(version, i))
			return numbers[i];
	return json_text(version);
}

static void read_version(struct manifest *m, const char *marketplace)
{
	const struct json *member = json_member(m->api, "version");
	const char *version = version_text(member);

	if (!member || version)
		m->addon->dialect = dialect_find(marketplace, version);
	if (!m->addon->dialect)
		home_file_error(&m->file, "api.version",
				"is not a version that provisor supports: for "
				"heroku write \"3\", or leave it out for the "
				"legacy version 1");
}

static void read_password(struct manifest *m)
{
	const char *password = json_text(json_member(m->api, "password"));

	if (password)
		home_file_take_secret(&m->file, "api.password", password,
				      &m->addon->passwords);
	else
		home_file_error(&m->file, "api.password",
				"is missing: use a random string of 32 "
				"characters");
	m->addon->has_password = m->addon->passwords.count > 0;
	if (json_member(m->api, "username"))
		home_file_error(&m->file, "api.username",
				"is no longer used: remove it, the id is the "
				"user name");
}

static void read_salt(struct manifest *m)
{
	const struct json *salt = json_member(m->api, "sso_salt");

	if (json_text(salt))
		home_file_take_secret(&m->file, "api.sso_salt", json_text(salt),
				      &m->addon->salts);
	else if (salt)
		home_file_error(&m->file, "api.sso_salt",
				"must be a random string of 32 characters");
}

static bool is_array_of_strings(const struct json *array)
{
	const struct json *entry;

	if (!json_is_array(array))
		return false;
	for (entry = json_first(array); entry; entry = json_next(entry))
		if (!json_text(entry))
			return false;
	return true;
}

/* Return FAST_DB for the id fast-db. */
static const char *write_default_prefix(struct arena *arena, const char *id)
{
	char *prefix = arena_strdup(arena, id);

	for (char *c = prefix; *c; c++) {
		const char *letter = strchr(LOWER, *c);

		if (letter)
			*c = UPPER[letter - LOWER];
		else if (*c == '-')
			*c = '_';
	}
	return prefix;
}

static bool is_config_name(const char *name)
{
	return has_only_characters(name, UPPER DIGITS "_")
		&& strchr(UPPER, *name);
}

/* Return the prefix of config vars without its last _, or NULL if it is
 * unknown, after adding the reason to the findings. */
static const char *read_config_prefix(const struct manifest *m)
{
	const struct json *member = json_member(m->api, "config_vars_prefix");
	const char *prefix = json_text(member);

	if (!member)
		return m->addon->id
			? write_default_prefix(m->file.arena, m->addon->id)
			: NULL;
	if (prefix && is_config_name(prefix)
	    && prefix[strlen(prefix) - 1] != '_')
		return prefix;
	home_file_error(&m->file, "api.config_vars_prefix",
			"must be a string of capital letters, digits and _, "
			"such as FAST_DB; the _ after it is not a part of it");
	return NULL;
}

static bool has_config_prefix(const char *name, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(name, prefix, length) == 0 && name[length] == '_'
		&& name[length + 1];
}

/* Customers use the names in their code, so renaming is the last resort. */
static void check_config_name(const struct manifest *m, const char *name,
			      const char *prefix)
{
	const char *field =
		arena_printf(m->file.arena, "api.config_vars: \"%s\"", name);

	if (!is_config_name(name))
		home_file_error(&m->file, field,
				"must be a name of capital letters, digits "
				"and _");
	else if (prefix && !has_config_prefix(name, prefix))
		home_file_error(&m->file, field,
				"must begin with %s_: if customers use the "
				"name already, set api.config_vars_prefix to "
				"its beginning, otherwise rename it",
				prefix);
}

static void read_config_names(struct manifest *m)
{
	const struct json *names = json_member(m->api, "config_vars");
	const char *prefix = read_config_prefix(m);
	const struct json *name;

	if (!names)
		return;
	if (!is_array_of_strings(names)) {
		home_file_error(&m->file, "api.config_vars",
				"must be an array of names, such as "
				"[\"FAST_DB_URL\"]");
		return;
	}
	for (name = json_first(names); name; name = json_next(name))
		check_config_name(m, json_text(name), prefix);
	m->addon->config_vars = names;
}

static void check_regions(const struct manifest *m)
{
	const struct json *regions = json_member(m->api, "regions");

	if (regions
	    && (!is_array_of_strings(regions) || json_count(regions) == 0))
		home_file_error(&m->file, "api.regions",
				"must be an array of region names, such as "
				"[\"us\"]");
}

static void read_requires(struct manifest *m)
{
	const struct json *requires = json_member(m->api, "requires");
	const struct json *entry;

	if (requires && !is_array_of_strings(requires)) {
		home_file_error(&m->file, "api.requires",
				"must be an array of strings, such as "
				"[\"many_per_app\"]");
		return;
	}
	for (entry = json_first(requires); entry; entry = json_next(entry)) {
		if (strcmp(json_text(entry), "syslog_drain") == 0)
			m->addon->drains_logs = true;
		if (strcmp(json_text(entry), "log_input") == 0)
			m->addon->writes_logs = true;
	}
}

/*
 * Return the name of the manifest in the home.  Heroku's command line knows two
 * names and prefers the older one, which we do too.  With both, a vendor could
 * edit a file that is not read.
 */
static const char *find_manifest(const struct addon *addon,
				 struct findings *findings)
{
	static const char name[] = "addon-manifest.json";
	static const char old_name[] = "addon_manifest.json";

	if (!home_file_exists(addon, old_name))
		return name;
	if (home_file_exists(addon, name))
		finding_error(findings,
			      "%s: has both %s and %s: the first is in force, "
			      "as with heroku addons:admin; remove the other, "
			      "or this one if it is out of date",
			      addon->home, old_name, name);
	else
		finding_warning(findings,
				"%s/%s: is the manifest under its older name, "
				"of which heroku addons:admin warns too: "
				"rename it to %s",
				addon->home, old_name, name);
	return old_name;
}

void manifest_read(struct addon *addon, const char *marketplace,
		   struct findings *findings)
{
	struct manifest m = { .addon = addon };

	addon->manifest = find_manifest(addon, findings);
	m.file = home_file_read(addon->arena, addon->home, addon->manifest,
				findings);
	if (!m.file.document)
		return;
	m.api = json_member(m.file.document, "api");
	read_id(&m);
	if (!json_is_object(m.api)) {
		home_file_error(&m.file, "api",
				"must be an object with version, password, "
				"sso_salt, config_vars, regions and "
				"production");
		return;
	}
	refuse_misplaced_members(&m);
	warn_of_unknown_api_members(&m);
	read_version(&m, marketplace);
	read_password(&m);
	read_salt(&m);
	read_config_names(&m);
	check_regions(&m);
	read_requires(&m);
	if (addon->dialect)
		mount_read(addon, &m.file, m.api);
}
