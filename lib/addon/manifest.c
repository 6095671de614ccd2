#include "lib/addon/manifest.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/home_file.h"
#include "lib/addon/mount.h"
#include "lib/base/arena.h"
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

/* An unknown member is not an error: marketplaces add their own members. */
static void warn_of_unknown_api_members(const struct manifest *m)
{
	static const char *const known[] = {
		"$base",    "config_vars", "config_vars_prefix",
		"password", "production",  "regions",
		"requires", "sso_salt",    "test",
		"username", "version",
	};
	const struct json *member;

	for (member = json_first(m->api); member; member = json_next(member))
		if (!home_file_is_known(member, known, COUNT(known)))
			home_file_warn(&m->file,
				       arena_printf(m->file.arena, "api.%s",
						    json_name(member)),
				       "is unknown and has no effect: correct "
				       "its spelling, unless the marketplace "
				       "has put it there");
}

static void read_id(struct manifest *m)
{
	const char *id = json_text(json_member(m->file.document, "id"));

	if (!id || strlen(id) > LONGEST_ID
	    || !has_only_characters(id, DIGITS LOWER "-_"))
		home_file_error(&m->file, "id",
				"must be the add-on's slug: 1 to 64 lower-case "
				"letters, digits and dashes");
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
		home_file_error(&m->file, "api.sso_salt", "must be a string");
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

/* Return FAST_DB_ for the id fast-db. */
static const char *write_default_prefix(struct arena *arena, const char *id)
{
	char *prefix = arena_printf(arena, "%s_", id ? id : "");

	for (char *c = prefix; *c; c++) {
		const char *letter = strchr(LOWER, *c);

		if (letter)
			*c = UPPER[letter - LOWER];
		else if (*c == '-')
			*c = '_';
	}
	return prefix;
}

static const char *read_config_prefix(const struct manifest *m)
{
	const struct json *prefix = json_member(m->api, "config_vars_prefix");

	if (json_text(prefix))
		return arena_printf(m->file.arena, "%s_", json_text(prefix));
	if (prefix)
		home_file_error(&m->file, "api.config_vars_prefix",
				"must be a string");
	return write_default_prefix(m->file.arena, m->addon->id);
}

static void check_config_name(const struct manifest *m, const char *name,
			      const char *prefix)
{
	const char *field =
		arena_printf(m->file.arena, "api.config_vars: \"%s\"", name);
	size_t length = strlen(prefix);

	if (!has_only_characters(name, UPPER DIGITS "_")
	    || !strchr(UPPER, *name))
		home_file_error(&m->file, field,
				"must be a name of capital letters, digits "
				"and _");
	else if (strncmp(name, prefix, length) != 0 || !name[length])
		home_file_error(&m->file, field, "must begin with %s", prefix);
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
				"must be an array of names");
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
				"must be an array of strings");
		return;
	}
	for (entry = json_first(requires); entry; entry = json_next(entry)) {
		if (strcmp(json_text(entry), "syslog_drain") == 0)
			m->addon->drains_logs = true;
		if (strcmp(json_text(entry), "log_input") == 0)
			m->addon->writes_logs = true;
	}
}

void manifest_read(struct addon *addon, const char *marketplace,
		   struct findings *findings)
{
	struct manifest m = {
		.file = home_file_read(addon->arena, addon->home,
				       "addon-manifest.json", findings),
		.addon = addon,
	};

	if (!m.file.document)
		return;
	m.api = json_member(m.file.document, "api");
	read_id(&m);
	if (!json_is_object(m.api)) {
		home_file_error(&m.file, "api", "must be an object");
		return;
	}
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
