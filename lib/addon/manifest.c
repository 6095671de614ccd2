#include "lib/addon/manifest.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/config_names.h"
#include "lib/addon/home_file.h"
#include "lib/addon/manifest_members.h"
#include "lib/addon/manifest_part.h"
#include "lib/addon/mount.h"
#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/dialect/dialect.h"
#include "lib/text/json.h"

enum { LONGEST_ID = 64 };

const char *manifest_field(const struct manifest *m, const char *member)
{
	return m->form->api
		? arena_join(m->file.arena, m->form->api, ".", member)
		: member;
}

bool manifest_has_only(const char *text, const char *characters)
{
	return *text && text[strspn(text, characters)] == '\0';
}

bool manifest_is_array_of_strings(const struct json *array)
{
	const struct json *entry;

	if (!json_is_array(array))
		return false;
	for (entry = json_first(array); entry; entry = json_next(entry))
		if (!json_text(entry))
			return false;
	return true;
}

/* ---- who the add-on is ---- */

/* Return the name of the home's folder. */
static const char *name_home(const struct addon *addon)
{
	const char *slash = strrchr(addon->home, '/');

	return slash ? slash + 1 : addon->home;
}

static bool is_id(const char *id)
{
	return id && strlen(id) <= LONGEST_ID
		&& manifest_has_only(id, MANIFEST_DIGITS MANIFEST_LOWER "-_");
}

static void read_id(struct manifest *m)
{
	const char *member = m->form->id;
	const char *id = member
		? json_text(json_member(m->file.document, member))
		: name_home(m->addon);

	if (is_id(id))
		m->addon->id = id;
	else if (member)
		home_file_error(&m->file, member,
				"must be the add-on's slug, with which the "
				"marketplace logs in: 1 to 64 lower-case "
				"letters, digits, - and _");
	else
		home_file_error(&m->file, "the folder",
				"must have the add-on's id as its name: 1 to "
				"64 lower-case letters, digits, - and _");
}

/* In a user name of Basic auth, a colon would begin the password (RFC 7617). */
static void read_user(struct manifest *m)
{
	const char *member = m->form->user;
	const char *user =
		member ? json_text(json_member(m->api, member)) : m->addon->id;

	if (!member || (user && *user && !strchr(user, ':')))
		m->addon->user = user;
	else
		home_file_error(&m->file, manifest_field(m, member),
				"must be the user name with which the "
				"marketplace logs in, without a colon");
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
	const struct json *member =
		m->form->has_version ? json_member(m->api, "version") : NULL;
	const char *version = version_text(member);

	m->addon->dialect =
		!member || version ? dialect_find(marketplace, version) : NULL;
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
		home_file_take_secret(&m->file, manifest_field(m, "password"),
				      password, &m->addon->passwords);
	else
		home_file_error(&m->file, manifest_field(m, "password"),
				"is missing: use a random string of 32 "
				"characters");
	m->addon->has_password = m->addon->passwords.count > 0;
	if (!m->form->user && json_member(m->api, "username"))
		home_file_error(&m->file, manifest_field(m, "username"),
				"is no longer used: remove it, the id is the "
				"user name");
}

static void read_salt(struct manifest *m)
{
	const struct json *salt = json_member(m->api, "sso_salt");

	if (json_text(salt))
		home_file_take_secret(&m->file, manifest_field(m, "sso_salt"),
				      json_text(salt), &m->addon->salts);
	else if (salt)
		home_file_error(&m->file, manifest_field(m, "sso_salt"),
				"must be a random string of 32 characters");
}

/* ---- what it offers ---- */

static void check_regions(const struct manifest *m)
{
	const struct json *regions = json_member(m->api, "regions");
	const char *needed = m->form->region;

	if (regions
	    && (!manifest_is_array_of_strings(regions)
		|| json_count(regions) == 0))
		home_file_error(&m->file, manifest_field(m, "regions"),
				"must be an array of region names, such as "
				"[\"%s\"]",
				needed ? needed : "us");
	else if (needed && !(regions && json_has_text(regions, needed)))
		home_file_error(&m->file, manifest_field(m, "regions"),
				"must contain \"%s\"", needed);
}

static void read_requires(struct manifest *m)
{
	const struct json *requires = json_member(m->api, "requires");

	if (!requires || !m->form->has_requires)
		return;
	if (!manifest_is_array_of_strings(requires)) {
		home_file_error(&m->file, manifest_field(m, "requires"),
				"must be an array of strings, such as "
				"[\"many_per_app\"]");
		return;
	}
	m->addon->drains_logs = m->addon->drains_by_syslog =
		json_has_text(requires, "syslog_drain");
	m->addon->writes_logs = json_has_text(requires, "log_input");
}

static void read_log_drain(struct manifest *m)
{
	const char *name = m->form->log_drain;
	const struct json *value = name ? json_member(m->api, name) : NULL;

	if (!value)
		return;
	if (!json_is_bool(value))
		home_file_error(&m->file, manifest_field(m, name),
				"must be true or false");
	m->addon->drains_logs = json_is_true(value);
}

/* A plan is its name, or an object with one. */
static const char *read_plan_name(const struct json *plan)
{
	const struct json *slug = json_member(plan, "slug");

	if (json_text(plan))
		return json_text(plan);
	return json_text(slug ? slug : json_member(plan, "name"));
}

/* plans of settings.json, which is read later, take their place. */
static void read_manifest_plans(struct manifest *m)
{
	const struct json *list = json_member(m->api, "plans");
	struct json *plans = json_object(m->file.arena);
	const struct json *plan;

	if (!list || !m->form->has_plans)
		return;
	for (plan = json_first(list); plan; plan = json_next(plan)) {
		const char *name = read_plan_name(plan);

		if (!name || json_member(plans, name))
			break;
		json_put(plans, name, json_object(m->file.arena));
	}
	if (json_is_array(list) && json_first(list) && !plan)
		m->addon->plans = plans;
	else
		home_file_error(&m->file, manifest_field(m, "plans"),
				"must be an array of plans, each an object "
				"with a name of its own, such as "
				"[{\"name\": \"basic\"}]");
}

/* ---- the file ---- */

/* Heroku's command line knows two names and prefers the older one, which we do
 * too.  With both, a vendor could edit a file that is not read. */
const char *manifest_find(struct arena *arena, const char *home,
			  struct findings *findings)
{
	static const char name[] = "addon-manifest.json";
	static const char old_name[] = "addon_manifest.json";

	if (!home_file_exists(arena, home, old_name))
		return name;
	if (home_file_exists(arena, home, name))
		finding_error(findings,
			      "%s: has both %s and %s: the first is in force, "
			      "as with heroku addons:admin; remove the other, "
			      "or this one if it is out of date",
			      home, old_name, name);
	else
		finding_warning(findings,
				"%s/%s: is the manifest under its older name, "
				"of which heroku addons:admin warns too: "
				"rename it to %s",
				home, old_name, name);
	return old_name;
}

/* Find the object with the members.  Return false if it is missing. */
static bool find_api(struct manifest *m, const char *marketplace)
{
	const struct json *api = m->form->api
		? json_member(m->file.document, m->form->api)
		: m->file.document;

	if (!json_is_object(api)) {
		home_file_error(&m->file, m->form->api,
				"must be an object, as in the manifest that "
				"provisor init %s writes",
				marketplace);
		return false;
	}
	m->api = api;
	return true;
}

static void read_members(struct manifest *m, const char *marketplace)
{
	manifest_members_check(m);
	read_version(m, marketplace);
	if (!m->is_direct) {
		read_user(m);
		read_password(m);
		read_salt(m);
	}
	config_names_read(m);
	check_regions(m);
	read_requires(m);
	read_log_drain(m);
	read_manifest_plans(m);
	if (m->addon->dialect && !m->is_direct)
		mount_read(m->addon, &m->file, m->api);
}

struct manifest manifest_read_file(struct addon *addon, const char *path,
				   const char *marketplace,
				   struct findings *findings)
{
	const struct dialect *dialect = dialect_find(marketplace, NULL);
	struct manifest m = {
		.addon = addon,
		.file = home_file_read(addon->arena, path, findings),
	};

	if (!m.file.document)
		return m;
	if (!dialect) {
		finding_error(findings,
			      "%s: is in a folder that is not named after a "
			      "marketplace: move it into one of %s",
			      addon->home, dialect_marketplaces(addon->arena));
		return m;
	}
	m.form = dialect->manifest;
	m.is_direct = dialect->is_direct;
	read_id(&m);
	if (find_api(&m, marketplace))
		read_members(&m, marketplace);
	return m;
}

void manifest_read(struct addon *addon, const char *marketplace,
		   struct findings *findings)
{
	addon->manifest = manifest_find(addon->arena, addon->home, findings);
	(void)manifest_read_file(
		addon,
		arena_join(addon->arena, addon->home, "/", addon->manifest),
		marketplace, findings);
}
