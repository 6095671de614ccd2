#include "cgi/cli/init_files.h"

#include <ctype.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/crypto/random.h"
#include "lib/dialect/dialect.h"

enum { SECRET_LENGTH = 32 };

/* Embedded from skeleton/. */
extern const char asset_addon_manifest_json[], asset_kensa_manifest_json[],
	asset_clever_cloud_manifest_json[], asset_digitalocean_manifest_json[],
	asset_direct_manifest_json[], asset_scalingo_manifest_json[],
	asset_settings_json[], asset_template_json[], asset_provision_sh[],
	asset_change_plan_sh[], asset_deprovision_sh[], asset_sign_on_sh[],
	asset_suspend_sh[], asset_resume_sh[], asset_restore_sh[],
	asset_listener_c[];

/* clang-format off */
const struct init_file init_files[] = {
	{ "addon-manifest.json", ADDON_NO_LISTENER, 0600, asset_addon_manifest_json },
	{ "settings.json",       ADDON_NO_LISTENER, 0600, asset_settings_json },
	{ "template.json",       ADDON_TEMPLATE,    0600, asset_template_json },
	{ "hooks/provision",     ADDON_EXEC,        0700, asset_provision_sh },
	{ "hooks/change-plan",   ADDON_EXEC,        0700, asset_change_plan_sh },
	{ "hooks/deprovision",   ADDON_EXEC,        0700, asset_deprovision_sh },
	{ "hooks/sign-on",       ADDON_EXEC,        0700, asset_sign_on_sh },
	{ "hooks/suspend",       ADDON_EXEC,        0700, asset_suspend_sh },
	{ "hooks/resume",        ADDON_EXEC,        0700, asset_resume_sh },
	{ "hooks/restore",       ADDON_EXEC,        0700, asset_restore_sh },
	{ "listener.c",          ADDON_SO,          0600, asset_listener_c },
	{ NULL,                  ADDON_NO_LISTENER, 0,    NULL },
};
/* clang-format on */

/* Return "FAST_DB" for "fast-db". */
static const char *prefix_of(struct arena *arena, const char *slug)
{
	char *prefix = arena_strdup(arena, slug);

	for (char *c = prefix; *c; c++) {
		if (*c == '-')
			*c = '_';
		else
			*c = (char)toupper((unsigned char)*c);
	}
	return prefix;
}

/* Return "Fast Db" for "fast-db". */
static const char *title_of(struct arena *arena, const char *slug)
{
	char *title = arena_strdup(arena, slug);

	for (char *c = title; *c; c++) {
		if (*c == '-')
			*c = ' ';
		else if (c == title || c[-1] == ' ')
			*c = (char)toupper((unsigned char)*c);
	}
	return title;
}

/* Base64url text without "-" and "_" consists of letters and digits. */
static const char *random_alphanumerics(struct arena *arena)
{
	char *text = arena_alloc(arena, SECRET_LENGTH + 1);
	size_t length = 0;

	while (length < SECRET_LENGTH) {
		const char *c = random_text(arena, SECRET_LENGTH);

		for (; *c && length < SECRET_LENGTH; c++)
			if (isalnum((unsigned char)*c))
				text[length++] = *c;
	}
	return text;
}

static const char *replace_all(struct arena *arena, const char *text,
			       const char *name, const char *value)
{
	const char *found = strstr(text, name);

	if (!found)
		return text;
	return arena_printf(
		arena, "%.*s%s%s", (int)(found - text), text, value,
		replace_all(arena, found + strlen(name), name, value));
}

static bool is_manifest(const struct init_file *file)
{
	return file->skeleton == asset_addon_manifest_json;
}

/* The manifests that dialects choose from, under the names of their files. */
static const struct {
	const char *name;
	const char *skeleton;
} manifests[] = {
	{ "addon-manifest.json", asset_addon_manifest_json },
	{ "kensa-manifest.json", asset_kensa_manifest_json },
	{ "clever-cloud-manifest.json", asset_clever_cloud_manifest_json },
	{ "digitalocean-manifest.json", asset_digitalocean_manifest_json },
	{ "direct-manifest.json", asset_direct_manifest_json },
	{ "scalingo-manifest.json", asset_scalingo_manifest_json },
};

static const char *skeleton_of(const struct init_file *file,
			       const struct init_names *names)
{
	const char *name = names->dialect->manifest->skeleton;

	for (size_t i = 0; is_manifest(file) && i < COUNT(manifests); i++)
		if (strcmp(manifests[i].name, name) == 0)
			return manifests[i].skeleton;
	return file->skeleton;
}

/* Return the beginning of the names of config vars. */
static const char *config_prefix_of(struct arena *arena,
				    const struct init_names *names)
{
	return names->dialect->manifest->adds_prefix
		? ""
		: arena_join(arena, prefix_of(arena, names->slug), "_");
}

const char *init_files_text(struct arena *arena, const struct init_file *file,
			    const struct init_names *names)
{
	const char *const placeholders[][2] = {
		{ "@SLUG@", names->slug },
		{ "@PREFIX@_", config_prefix_of(arena, names) },
		{ "@PREFIX@", prefix_of(arena, names->slug) },
		{ "@MARKETPLACE@", names->dialect->marketplace },
		{ "@TITLE@", title_of(arena, names->slug) },
		{ "@URL@", names->url },
		{ "@PATH@", names->dialect->resources_path },
		{ "@VERSION@", names->dialect->version },
		{ "@PASSWORD@", random_alphanumerics(arena) },
		{ "@SALT@", random_alphanumerics(arena) },
	};
	const char *text = skeleton_of(file, names);

	for (size_t i = 0; i < COUNT(placeholders); i++)
		text = replace_all(arena, text, placeholders[i][0],
				   placeholders[i][1]);
	/* Heroku's tools write no newline at the end of a manifest. */
	if (is_manifest(file))
		text = arena_strndup(arena, text, strlen(text) - 1);
	return text;
}
