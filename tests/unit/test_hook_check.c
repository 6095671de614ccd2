#include "files.h"

#include "lib/addon.h"
#include "lib/hook.h"

/* A home with hooks, as it should be. */
static struct addon sound_home(void)
{
	struct addon addon = { .arena = arena, .listener = ADDON_EXEC };

	files_remove(files_path("home"));
	files_write("home/hooks/provision", "#!/bin/sh\n");
	files_write("home/hooks/.hidden", "");
	addon.home = files_path("home");
	chmod(files_path("home/hooks/provision"), 0755);
	return addon;
}

static struct mode_row {
	const char *name;
	const char *file; /* of the home; "" is the home itself */
	mode_t mode;
	const char *remedy; /* NULL: there is nothing wrong */
} modes[] = {
	{ "hooks that are as they should be are none to talk of", "", 0700,
	  NULL },
	{ "the group must not write the home", "", 0770, "chmod go-w it" },
	{ "others may run a hook", "/hooks/provision", 0755, NULL },
	{ "the group must not write a hook", "/hooks/provision", 0770,
	  "(mode 0770): chmod go-w it" },
	{ "others must not write a hook", "/hooks/provision", 0702,
	  "chmod go-w it" },
	{ "a hook must be executable", "/hooks/provision", 0600, "chmod" },
	{ "a hidden file is no hook", "/hooks/.hidden", 0666, NULL },
	{ "the group must not write the folder of the hooks", "/hooks", 0770,
	  "chmod go-w it" },
};

static void mode_is_as_expected(void **state)
{
	const struct mode_row *row = *state;
	struct addon addon = sound_home();
	const char *path = arena_printf(arena, "%s%s", addon.home, row->file);
	const char *found;

	assert_int_equal(chmod(path, row->mode), 0);
	hook_check(&addon, &findings);
	found = unit_findings();
	if (!row->remedy) {
		assert_string_equal(found, "");
		return;
	}
	assert_int_equal(findings.errors, 1);
	assert_contains(found, arena_printf(arena, "error: %s: ", path));
	assert_contains(found, row->remedy);
}

/* ---- who owns what is run ---- */

enum { ROOT = 0, POOLS = 4711, STRANGER = 4712 };

/* Have all that is run belong to owner, as far as this user can have it so. */
static void give(const struct addon *addon, uid_t owner)
{
	static const char *const names[] = { "", "/hooks", "/hooks/provision" };

	for (size_t i = 0; i < COUNT(names); i++)
		assert_int_equal(chown(arena_printf(arena, "%s%s", addon->home,
						    names[i]),
				       owner, (gid_t)-1),
				 0);
}

static void what_is_run_belongs_to_root_or_the_pools(void)
{
	struct addon addon = sound_home();

	hook_run_as(geteuid() == ROOT ? POOLS : geteuid());
	hook_check(&addon, &findings);
	if (geteuid() == ROOT) {
		give(&addon, POOLS);
		hook_check(&addon, &findings);
	}
	hook_run_as(geteuid());
	assert_string_equal(unit_findings(), "");
}

static void what_is_run_belongs_to_nobody_else(void)
{
	struct addon addon = sound_home();
	uid_t owner = geteuid() == ROOT ? STRANGER : geteuid();

	give(&addon, owner);
	hook_run_as(POOLS);
	hook_check(&addon, &findings);
	hook_run_as(geteuid());
	assert_int_equal(findings.errors, 3);
	assert_contains(unit_findings(),
			arena_printf(arena,
				     "%s/hooks/provision: its owner, user %u, ",
				     addon.home, (unsigned int)owner));
	assert_contains(unit_findings(), "chown it to root");
}

static struct unit_check checks[] = {
	{ "what is run belongs to root or the pools' user",
	  what_is_run_belongs_to_root_or_the_pools },
	{ "what is run belongs to nobody else",
	  what_is_run_belongs_to_nobody_else },
};

int main(void)
{
	UNIT_ROWS(modes, mode_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("hook_check");
}
