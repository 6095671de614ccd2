#include "lib/listener/hook_command.h"

#include <unistd.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/listener/hook.h"

static uid_t pools_user = (uid_t)-1;

void hook_run_as(uid_t user)
{
	pools_user = user;
}

uid_t hook_user(void)
{
	uid_t self = geteuid();

	return self == 0 && pools_user != (uid_t)-1 ? pools_user : self;
}

const char *hook_file(const struct addon *addon, struct arena *arena,
		      const char *action)
{
	if (addon->listener == ADDON_SO)
		return arena_printf(arena, "%s/listener.so", addon->home);
	return arena_printf(arena, "%s/hooks/%s", addon->home, action);
}

static const char *const *list_texts(struct arena *arena, const char *a,
				     const char *b, const char *c)
{
	const char **list = arena_alloc(arena, 4 * sizeof *list);

	list[0] = a;
	list[1] = b;
	list[2] = c;
	return list;
}

struct supervise_program hook_command(const struct addon *addon,
				      struct arena *arena, const char *action)
{
	struct supervise_program program = {
		.path = hook_file(addon, arena, action),
		.folder = addon->home,
		.environment = list_texts(
			arena,
			"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
			"/usr/bin:/sbin:/bin",
			arena_printf(arena, "HOME=%s", addon->home),
			"LANG=C.UTF-8"),
		.user = hook_user(),
		.grace = HOOK_GRACE,
	};

	program.arguments = list_texts(arena, program.path, NULL, NULL);
	/* Ourselves as we run, whatever is installed by now. */
	if (addon->listener == ADDON_SO) {
		program.path = "/proc/self/exe";
		program.arguments =
			list_texts(arena, HOOK_SERVANT, action, NULL);
	}
	return program;
}
