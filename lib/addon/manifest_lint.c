#include "lib/addon/manifest_lint.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/home_file.h"
#include "lib/addon/manifest_members.h"
#include "lib/addon/manifest_part.h"
#include "lib/addon/permissions.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/dialect/dialect.h"
#include "lib/text/json.h"
#include "lib/text/url.h"

/* ---- members that only the marketplace reads ---- */

/* Return true for a string or a number. */
static bool is_base(const struct json *value)
{
	return !json_is_object(value) && !json_is_array(value)
		&& !json_is_bool(value) && !json_is_null(value);
}

static bool is_string(const struct json *value)
{
	return json_text(value);
}

static const struct {
	const char *name;
	bool (*is_right)(const struct json *value);
	const char *problem;
} lint_members[] = {
	{ "name", is_string, "must be a string: the name for customers" },
	{ "cli_plugin_name", is_string,
	  "must be a string: the package of the add-on's plugin for Heroku's "
	  "command line" },
	{ "$base", is_base,
	  "must be as Heroku has written it: get it again with provisor "
	  "manifest pull" },
};

static void lint_types(const struct manifest *m, const struct json *object,
		       const char *prefix)
{
	for (size_t i = 0; i < COUNT(lint_members); i++) {
		const char *name = lint_members[i].name;
		const struct json *value = json_member(object, name);

		if (value && !lint_members[i].is_right(value))
			home_file_error(&m->file,
					arena_join(m->file.arena, prefix, name),
					"%s", lint_members[i].problem);
	}
}

static bool is_known_beside(const struct manifest *m, const char *name)
{
	for (size_t i = 0; i < COUNT(lint_members); i++)
		if (strcmp(lint_members[i].name, name) == 0)
			return true;
	return strcmp(name, m->form->api) == 0 || strcmp(name, m->form->id) == 0
		|| manifest_members_has(name);
}

/* manifest_members_check() reports those of api that are in the wrong place. */
static void lint_beside(const struct manifest *m)
{
	const struct json *member = json_first(m->file.document);

	lint_types(m, m->file.document, "");
	if (!m->form->api)
		return;
	lint_types(m, m->api, manifest_field(m, ""));
	for (; member && m->form->regions; member = json_next(member))
		if (!is_known_beside(m, json_name(member)))
			home_file_warn(&m->file, json_name(member),
				       "is unknown: correct its spelling, "
				       "unless the marketplace has put it "
				       "there");
}

static void lint_id(const struct manifest *m)
{
	const char *id = m->form->id ? m->addon->id : NULL;

	if (!id)
		return;
	if (manifest_has_only(id, MANIFEST_DIGITS))
		home_file_error(&m->file, m->form->id,
				"must not be a number: begin it with a letter");
	else if (strchr(id, '_'))
		home_file_warn(&m->file, m->form->id,
			       "has a _, but slugs have lower-case letters, "
			       "digits and -: replace it, unless the add-on "
			       "exists with this slug, which cannot change");
}

static void lint_version(const struct manifest *m)
{
	const struct json *version = json_member(m->api, "version");
	const char *field = manifest_field(m, "version");

	if (!m->form->has_version)
		return;
	if (!version)
		home_file_warn(&m->file, field,
			       "is missing, so the add-on has the legacy "
			       "version 1: write \"3\", or \"1\" if that is "
			       "meant");
	else if (!json_text(version))
		home_file_warn(&m->file, field,
			       "is not a string: write it in quotation marks, "
			       "as Heroku's tools do");
}

/* ---- regions ---- */

static bool is_in_list(const char *text, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(*list, text) == 0)
			return true;
	return false;
}

static void lint_region(const struct manifest *m, const char *region)
{
	const char *field = arena_printf(m->file.arena, "%s: \"%s\"",
					 manifest_field(m, "regions"), region);

	if (strstr(region, "::"))
		home_file_error(&m->file, field,
				"is the region of a request: write its name, "
				"such as \"us\"");
	else if (!is_in_list(region, m->form->regions))
		home_file_warn(&m->file, field,
			       "is not a region that provisor knows: correct "
			       "its spelling, unless heroku regions lists it");
}

static void lint_regions(const struct manifest *m)
{
	const struct json *regions = json_member(m->api, "regions");
	const char *field = manifest_field(m, "regions");
	const struct json *region;

	if (!m->form->regions)
		return;
	if (!regions)
		home_file_error(&m->file, field,
				"is missing: write an array of region names, "
				"such as [\"us\", \"eu\"]");
	if (!manifest_is_array_of_strings(regions) || json_count(regions) == 0)
		return;
	for (region = json_first(regions); region; region = json_next(region))
		lint_region(m, json_text(region));
	if (!json_has_text(regions, "us") && !json_has_text(regions, "*"))
		home_file_warn(&m->file, field,
			       "has neither \"us\" nor \"*\", without which "
			       "kensa refuses the manifest: add one if the "
			       "add-on is available there");
}

/* ---- config vars ---- */

static void lint_config_vars(const struct manifest *m)
{
	const struct json *names = m->addon->config_vars;
	const char *field = manifest_field(m, "config_vars");
	const struct json *name;

	if (!json_member(m->api, "config_vars") || json_count(names) == 0)
		home_file_warn(&m->file, field,
			       "names no config var, and others than these are "
			       "refused: list all that the add-on sets");
	for (name = json_first(names); name; name = json_next(name))
		for (const struct json *other = json_first(names);
		     other != name; other = json_next(other))
			if (strcmp(json_text(name), json_text(other)) == 0)
				home_file_warn(&m->file, field,
					       "has \"%s\" twice: remove one",
					       json_text(name));
}

/* ---- URLs ---- */

/* Return true if the URL ends in the path of the dialect, or is not valid. */
static bool has_own_path(const struct manifest *m, const char *text)
{
	const char *own = m->addon->dialect->resources_path;
	const struct url url = url_read(m->file.arena, text, URL_HTTPS);
	size_t length = url.fault ? 0 : strlen(url.path);
	size_t own_length = strlen(own);

	while (length > 0 && url.path[length - 1] == '/')
		length--;
	return url.fault
		|| (length >= own_length
		    && strncmp(url.path + length - own_length, own, own_length)
			    == 0);
}

/* Other marketplaces than Heroku write URLs without the path. */
static void lint_base_url(const struct manifest *m, const char *url)
{
	if (m->form->regions && url && !has_own_path(m, url))
		home_file_warn(
			&m->file, manifest_field(m, "production.base_url"),
			"does not end in %s, which Heroku appends: write "
			"it",
			m->addon->dialect->resources_path);
}

static void lint_production_urls(const struct manifest *m,
				 const struct json *urls)
{
	lint_base_url(m, json_text(json_member(urls, "base_url")));
	if (!json_member(urls, "sso_url") && json_member(m->api, "sso_salt"))
		home_file_warn(&m->file,
			       manifest_field(m, "production.sso_url"),
			       "is missing, so customers cannot sign on: write "
			       "the URL to which the marketplace posts the "
			       "form of a sign-on");
}

static void lint_production(const struct manifest *m)
{
	const struct json *urls = json_member(m->api, "production");
	const char *field = manifest_field(m, "production");

	if (m->is_direct || !m->addon->dialect)
		return;
	if (!urls && json_member(m->api, "test"))
		home_file_error(&m->file, field,
				"is missing: write the base_url and sso_url "
				"that the marketplace calls");
	else if (json_text(urls)
		 && m->addon->dialect->sso->get == DIALECT_GET_NOWHERE)
		home_file_warn(&m->file, field,
			       "is a single URL, as in version 1: write an "
			       "object with base_url and sso_url");
	else if (json_is_object(urls))
		lint_production_urls(m, urls);
}

static void lint_test_url(const struct manifest *m, const char *name,
			  const struct json *value)
{
	const struct url url =
		url_read(m->file.arena, json_text(value), URL_OR_HTTP);

	if (url.fault)
		home_file_error(&m->file, manifest_field(m, name), "%s",
				url.fault);
}

/* Without production, mount_read() has read the URLs of test. */
static void lint_test(const struct manifest *m)
{
	const struct json *test = json_member(m->api, "test");
	const struct json *sso = json_member(test, "sso_url");
	const struct dialect *dialect = m->addon->dialect;

	if (!test && dialect && dialect->manifest->has_test)
		home_file_warn(&m->file, manifest_field(m, "test"),
			       "is missing, and kensa needs it: write an "
			       "object with base_url and sso_url, such as "
			       "http://localhost:4567%s",
			       dialect->resources_path);
	if (!test || !json_member(m->api, "production"))
		return;
	if (json_is_object(test))
		lint_test_url(m, "test.base_url",
			      json_member(test, "base_url"));
	else
		lint_test_url(m, "test", test);
	if (sso)
		lint_test_url(m, "test.sso_url", sso);
}

/* ---- all of it ---- */

/* The id of some add-ons is the name of their folder. */
static const char *folder_of(struct arena *arena, const char *path)
{
	char *folder = dirname(arena_strdup(arena, path));
	char *real = realpath(folder, NULL);
	const char *copy = arena_strdup(arena, real ? real : folder);

	free(real);
	return copy;
}

void manifest_lint(struct arena *arena, const char *path,
		   const char *marketplace, struct findings *findings)
{
	static void (*const rules[])(const struct manifest *) = {
		lint_id,          lint_beside,     lint_version, lint_regions,
		lint_config_vars, lint_production, lint_test,
	};
	struct addon addon = {
		.arena = arena,
		.home = folder_of(arena, path),
	};
	const struct manifest m =
		manifest_read_file(&addon, path, marketplace, findings);

	for (size_t i = 0; m.api && i < COUNT(rules); i++)
		rules[i](&m);
	permissions_check_secret(path, findings);
}
