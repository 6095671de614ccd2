#include "files.h"

#include "lib/addon.h"
#include "lib/home_check.h"

/* A home as it should be, with every kind of listener in it. */
static struct addon sound_home(enum addon_listener listener)
{
	files_remove(files_path("home"));
	files_write("home/addon-manifest.json", "{}");
	files_write("home/settings.json", "{}");
	files_write("home/template.json", "{}");
	files_write("home/client-secret", "0123456789abcdef");
	files_write("home/hooks/provision", "#!/bin/sh\n");
	files_write("home/hooks/.hidden", "");
	files_write("home/listener.so", "");
	return (struct addon){
		.home = files_path("home"),
		.client_secret_file = files_path("home/client-secret"),
		.listener = listener,
	};
}

static struct mode_row {
	const char *name;
	enum addon_listener listener;
	const char *file; /* of the home; "" is the home itself */
	mode_t mode;
	const char *finding; /* how it begins; NULL: there is none */
	const char *remedy;
} modes[] = {
	{ "a home that is as it should be is none to talk of", ADDON_TEMPLATE,
	  "", 0700, NULL, NULL },
	{ "the group may read the manifest", ADDON_TEMPLATE,
	  "/addon-manifest.json", 0640, NULL, NULL },
	{ "the group may write the manifest", ADDON_TEMPLATE,
	  "/addon-manifest.json", 0660, NULL, NULL },
	{ "others should not read the manifest", ADDON_TEMPLATE,
	  "/addon-manifest.json", 0644, "warning", "(mode 0644): chmod o= it" },
	{ "others should not read the settings", ADDON_TEMPLATE,
	  "/settings.json", 0604, "warning", "chmod o= it" },
	{ "others must not write the manifest", ADDON_TEMPLATE,
	  "/addon-manifest.json", 0602, "error", "(mode 0602): chmod o-w it" },
	{ "others must not write the settings", ADDON_TEMPLATE,
	  "/settings.json", 0602, "error", "chmod o-w it" },
	{ "others should not read the client secret", ADDON_TEMPLATE,
	  "/client-secret", 0604, "warning", "chmod o= it" },
	{ "others must not write the client secret", ADDON_TEMPLATE,
	  "/client-secret", 0602, "error", "chmod o-w it" },
	{ "others may read the template", ADDON_TEMPLATE, "/template.json",
	  0644, NULL, NULL },
	{ "others must not write the template", ADDON_TEMPLATE,
	  "/template.json", 0666, "error", "chmod o-w it" },
	{ "the group may write a home that has a template", ADDON_TEMPLATE, "",
	  0770, NULL, NULL },
	{ "others must not write a home that has a template", ADDON_TEMPLATE,
	  "", 0702, "error", "chmod o-w it" },
	{ "the group must not write a home that has hooks", ADDON_EXEC, "",
	  0770, "error", "chmod go-w it" },
	{ "the group must not write a home that has a library", ADDON_SO, "",
	  0770, "error", "chmod go-w it" },
	{ "others may run a hook", ADDON_EXEC, "/hooks/provision", 0755, NULL,
	  NULL },
	{ "the group must not write a hook", ADDON_EXEC, "/hooks/provision",
	  0770, "error", "(mode 0770): chmod go-w it" },
	{ "others must not write a hook", ADDON_EXEC, "/hooks/provision", 0702,
	  "error", "chmod go-w it" },
	{ "a hidden file is no hook", ADDON_EXEC, "/hooks/.hidden", 0666, NULL,
	  NULL },
	{ "the group must not write the folder of the hooks", ADDON_EXEC,
	  "/hooks", 0770, "error", "chmod go-w it" },
	{ "the group must not write a library", ADDON_SO, "/listener.so", 0660,
	  "error", "chmod go-w it" },
};

static void mode_is_as_expected(void **state)
{
	const struct mode_row *row = *state;
	struct addon addon = sound_home(row->listener);
	const char *path = arena_printf(arena, "%s%s", addon.home, row->file);
	const char *found;

	assert_int_equal(chmod(path, row->mode), 0);
	home_check(&addon, geteuid(), &findings);
	found = unit_findings();
	if (!row->finding) {
		assert_string_equal(found, "");
		return;
	}
	assert_int_equal(findings.errors, strcmp(row->finding, "error") == 0);
	assert_contains(found,
			arena_printf(arena, "%s: %s: ", row->finding, path));
	assert_contains(found, row->remedy);
	assert_true(strchr(found, '\n')[1] == '\0');
}

static void a_file_that_is_missing_is_passed_over(void)
{
	struct addon addon = { .home = files_path("nowhere"),
			       .listener = ADDON_TEMPLATE };

	home_check(&addon, geteuid(), &findings);
	assert_string_equal(unit_findings(), "");
}

/* ---- who owns what is run ---- */

enum { ROOT = 0, POOLS = 4711, STRANGER = 4712 };

/* Have all that is run belong to owner, as far as this user can have it so. */
static void give(const struct addon *addon, uid_t owner)
{
	static const char *const names[] = { "", "/hooks", "/hooks/provision",
					     "/listener.so" };

	for (size_t i = 0; i < COUNT(names); i++)
		assert_int_equal(chown(arena_printf(arena, "%s%s", addon->home,
						    names[i]),
				       owner, (gid_t)-1),
				 0);
}

static void what_is_run_belongs_to_root_or_the_pools(void)
{
	struct addon addon = sound_home(ADDON_EXEC);

	if (geteuid() != ROOT) {
		home_check(&addon, geteuid(), &findings);
	} else {
		home_check(&addon, POOLS, &findings);
		give(&addon, POOLS);
		home_check(&addon, POOLS, &findings);
	}
	assert_string_equal(unit_findings(), "");
}

static void what_is_run_belongs_to_nobody_else(void)
{
	struct addon addon = sound_home(ADDON_EXEC);
	uid_t owner = geteuid() == ROOT ? STRANGER : geteuid();

	give(&addon, owner);
	home_check(&addon, POOLS, &findings);
	assert_int_equal(findings.errors, 4);
	assert_contains(unit_findings(),
			arena_printf(arena,
				     "%s/hooks/provision: its owner, user %u, ",
				     addon.home, (unsigned int)owner));
	assert_contains(unit_findings(), "chown it to root");
}

static struct unit_check checks[] = {
	{ "a file that is missing is passed over",
	  a_file_that_is_missing_is_passed_over },
	{ "what is run belongs to root or the pools' user",
	  what_is_run_belongs_to_root_or_the_pools },
	{ "what is run belongs to nobody else",
	  what_is_run_belongs_to_nobody_else },
};

int main(void)
{
	UNIT_ROWS(modes, mode_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("home_check");
}
