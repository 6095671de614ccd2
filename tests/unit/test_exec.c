#include "modes.h"

#include "lib/listener/code_owner.h"
#include "lib/listener/listener.h"

/* A home with hooks that is valid. */
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

static struct modes_row modes[] = {
	{ "valid hooks have no finding", "", 0700, NULL, NULL },
	{ "a home that its group can write is an error", "", 0770, "error",
	  "chmod go-w it" },
	{ "others may run a hook", "/hooks/provision", 0755, NULL, NULL },
	{ "a hook that its group can write is an error", "/hooks/provision",
	  0770, "error", "(mode 0770): chmod go-w it" },
	{ "a hook that others can write is an error", "/hooks/provision", 0702,
	  "error", "chmod go-w it" },
	{ "a hook must be executable", "/hooks/provision", 0600, "error",
	  "chmod" },
	{ "a hidden file is not a hook", "/hooks/.hidden", 0666, NULL, NULL },
	{ "a hooks folder that its group can write is an error", "/hooks", 0770,
	  "error", "chmod go-w it" },
};

static void check_listener(struct addon *addon)
{
	listener_open(addon, &findings);
}

static void mode_is_as_expected(void **state)
{
	struct addon addon = sound_home();

	modes_check(*state, &addon, check_listener);
}

/* ---- owners ---- */

enum { ROOT = 0, POOLS = 4711, STRANGER = 4712 };

/* Make owner own the code, as far as this user is allowed to. */
static void change_owner(const struct addon *addon, uid_t owner)
{
	static const char *const names[] = { "", "/hooks", "/hooks/provision" };

	for (size_t i = 0; i < COUNT(names); i++)
		assert_int_equal(chown(arena_printf(arena, "%s%s", addon->home,
						    names[i]),
				       owner, (gid_t)-1),
				 0);
}

static void root_and_the_pools_user_may_own_the_code(void)
{
	struct addon addon = sound_home();

	code_owner_set(geteuid() == ROOT ? POOLS : geteuid());
	listener_open(&addon, &findings);
	if (geteuid() == ROOT) {
		change_owner(&addon, POOLS);
		listener_open(&addon, &findings);
	}
	code_owner_set(geteuid());
	assert_string_equal(unit_findings(), "");
}

static void no_other_user_may_own_the_code(void)
{
	struct addon addon = sound_home();
	uid_t owner = geteuid() == ROOT ? STRANGER : geteuid();

	change_owner(&addon, owner);
	code_owner_set(POOLS);
	listener_open(&addon, &findings);
	code_owner_set(geteuid());
	assert_int_equal(findings.errors, 3);
	assert_contains(unit_findings(),
			arena_printf(arena,
				     "%s/hooks/provision: its owner, user %u, ",
				     addon.home, (unsigned int)owner));
	assert_contains(unit_findings(), "chown it to root");
}

/* ---- links ---- */

/* A home whose hooks/provision is a link into another folder of the home. */
static struct addon linked_home(const char *folder, mode_t mode)
{
	struct addon addon = sound_home();
	const char *hook =
		arena_printf(arena, "%s/hooks/provision", addon.home);
	const char *target = arena_printf(arena, "%s/%s", addon.home, folder);

	files_remove(target);
	assert_int_equal(mkdir(target, 0700), 0);
	assert_int_equal(
		rename(hook, arena_printf(arena, "%s/provision", target)), 0);
	assert_int_equal(
		symlink(arena_printf(arena, "../%s/provision", folder), hook),
		0);
	assert_int_equal(chmod(target, mode), 0);
	return addon;
}

static void a_link_may_lead_into_the_home(void)
{
	struct addon addon = linked_home("lib", 0755);

	listener_open(&addon, &findings);
	assert_string_equal(unit_findings(), "");
}

static void the_folder_of_a_target_is_checked(void)
{
	struct addon addon = linked_home("lib", 0770);

	listener_open(&addon, &findings);
	assert_int_equal(findings.errors, 1);
	assert_contains(unit_findings(),
			arena_printf(arena,
				     "error: %s/lib: users other than its "
				     "owner can change",
				     addon.home));
}

/* Its name begins with that of the home. */
static void a_folder_beside_the_home_is_outside(void)
{
	struct addon addon = linked_home("../home-staging", 0770);

	listener_open(&addon, &findings);
	assert_contains(unit_findings(),
			arena_printf(arena,
				     "error: %s-staging: users other than "
				     "its owner can change",
				     addon.home));
}

static struct unit_check checks[] = {
	{ "a link may lead into the home", a_link_may_lead_into_the_home },
	{ "the folder of a link's target is checked",
	  the_folder_of_a_target_is_checked },
	{ "a folder whose name begins like the home is outside",
	  a_folder_beside_the_home_is_outside },
	{ "root and the pools' user may own the code",
	  root_and_the_pools_user_may_own_the_code },
	{ "no other user may own the code", no_other_user_may_own_the_code },
};

int main(void)
{
	UNIT_ROWS(modes, mode_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("exec");
}
