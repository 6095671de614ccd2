#include "lib/addon/home.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "lib/addon/addon.h"
#include "lib/addon/home_file.h"
#include "lib/addon/manifest.h"
#include "lib/addon/settings_file.h"
#include "lib/base/arena.h"
#include "lib/base/file_watch.h"
#include "lib/base/findings.h"
#include "lib/dialect/dialect.h"

static const int64_t default_session = INT64_C(8) * 60 * 60 * 1000; /* ms */

static void refuse_missing_listener(const struct addon *addon,
				    struct findings *findings)
{
	if (home_file_exists(addon->arena, addon->home, "listener.c"))
		finding_error(findings,
			      "%s: has listener.c and no listener.so: build it "
			      "there with cc -shared -fPIC -o listener.so "
			      "listener.c",
			      addon->home);
	else
		finding_error(findings,
			      "%s: has no listener: add template.json, hooks/ "
			      "or listener.so",
			      addon->home);
}

static void find_home_listener(struct addon *addon, struct findings *findings)
{
	static const struct {
		enum addon_listener kind;
		const char *name;
	} kinds[] = {
		{ ADDON_TEMPLATE, "template.json" },
		{ ADDON_EXEC, "hooks" },
		{ ADDON_SO, "listener.so" },
	};
	const char *found = NULL;

	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (!home_file_exists(addon->arena, addon->home, kinds[i].name))
			continue;
		if (found)
			finding_error(findings,
				      "%s: has both %s and %s: a home has one "
				      "listener, remove the others",
				      addon->home, found, kinds[i].name);
		found = kinds[i].name;
		addon->listener = kinds[i].kind;
	}
	if (!found)
		refuse_missing_listener(addon, findings);
}

static void refuse_useless_platform(const struct addon *addon,
				    struct findings *findings)
{
	if (addon->gives_platform && addon->listener == ADDON_TEMPLATE)
		finding_error(findings,
			      "%s/settings.json: platform must be false or "
			      "absent, because template.json runs no code that "
			      "could use a token",
			      addon->home);
}

static void watch_home(const struct addon *addon)
{
	static const char *const files[] = {
		"addon-manifest.json",
		"addon_manifest.json",
		"settings.json",
		"template.json",
		"hooks",
		"hooks/provision",
		"hooks/change-plan",
		"hooks/deprovision",
		"hooks/sign-on",
		"hooks/rotate",
		"hooks/suspend",
		"hooks/resume",
		"hooks/restore",
		"listener.so",
	};

	file_watch_add(addon->files, addon->home);
	for (size_t i = 0; i < COUNT(files); i++) {
		char path[PATH_MAX]; /* no file has a longer one */

		if (snprintf(path, sizeof path, "%s/%s", addon->home, files[i])
		    < (int)sizeof path)
			file_watch_add(addon->files, path);
	}
}

struct addon *home_open(const char *home, const char *marketplace,
			struct findings *findings)
{
	struct arena *arena = arena_create_small();
	struct addon *addon = arena_alloc(arena, sizeof *addon);

	addon->arena = arena;
	addon->home = arena_strdup(arena, home);
	addon->session = default_session;
	addon->files = file_watch_open();
	watch_home(addon);
	manifest_read(addon, marketplace, findings);
	if (addon->dialect)
		addon->framed_by = addon->dialect->sso->framed_by;
	settings_file_read(addon, findings);
	find_home_listener(addon, findings);
	refuse_useless_platform(addon, findings);
	return addon;
}

void home_close(struct addon *addon)
{
	file_watch_close(addon->files);
	arena_destroy(addon->arena);
}
