/*
 * check_hooks.c - checks the hooks pool and what its user may read.
 */
#include "cgi/cli/check.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/listener/listener.h"
#include "lib/process/call_client.h"
#include "lib/process/user.h"

enum { HOOKS_REPLY_LIMIT = 3000 /* ms */ };

static bool has_code(const struct addon *addon)
{
	return addon->is_valid && listener_takes_time(addon);
}

static bool is_code_needed(const struct addons *addons)
{
	for (int i = 0; i < addons->count; i++)
		if (has_code(addons->list[i]))
			return true;
	return false;
}

/* ---- files ---- */

static void refuse_reading(struct check *check, uid_t user, const char *path)
{
	if (path && user_can_read(user, path))
		finding_error(&check->findings,
			      "%s: hooks can read it, because they run as %s: "
			      "chmod o= it, and chown it to root and the "
			      "pools' group",
			      path, cli_user_name(check->arena, user));
}

/* Files that do not exist are not needed, or are reported elsewhere. */
static void require_reading(struct check *check, uid_t user, const char *path)
{
	if (access(path, F_OK) == 0 && !user_can_read(user, path))
		finding_error(&check->findings,
			      "%s: %s, who runs hooks, cannot read it (%s): "
			      "chmod a+rx it, and chmod a+x the folders above "
			      "it",
			      path, cli_user_name(check->arena, user),
			      strerror(errno));
}

static void check_home_files(struct check *check, uid_t user,
			     const struct addon *addon)
{
	struct arena *arena = check->arena;
	const char *home = addon->home;

	refuse_reading(check, user,
		       arena_printf(arena, "%s/%s", home, addon->manifest));
	refuse_reading(check, user,
		       arena_printf(arena, "%s/settings.json", home));
	refuse_reading(check, user, addon->client_secret_file);
	if (!has_code(addon))
		return;
	require_reading(check, user,
			arena_printf(arena, "%s/listener.so", home));
	for (int i = 0; i < LISTENER_ACTIONS; i++)
		require_reading(check, user,
				arena_printf(arena, "%s/hooks/%s", home,
					     listener_action_name(
						     (enum listener_action)i)));
}

/* Only root can find out what another user may read. */
static void check_hooks_files(struct check *check, uid_t user,
			      const struct addons *addons)
{
	if (geteuid() != 0)
		return;
	refuse_reading(check, user, check->settings.keys);
	refuse_reading(check, user, check->cli->env_file);
	for (int i = 0; i < addons->count; i++)
		check_home_files(check, user, addons->list[i]);
}

/* ---- the pool ---- */

/* A private host (make run) has one user. */
static void report_shared_user(struct check *check, uid_t user)
{
	const char *name = cli_user_name(check->arena, user);

	if (user == geteuid())
		finding_ok(&check->findings,
			   "%s: runs hooks as %s, who runs the pools too: "
			   "hooks can read the keys and the settings",
			   check->settings.hooks, name);
	else
		finding_warning(&check->findings,
				"%s: runs hooks as %s, who runs the pools too: "
				"hooks can read the keys and the settings; run "
				"provisor-hooks as a user of its own",
				check->settings.hooks, name);
}

void check_hooks(struct check *check, const struct addons *addons)
{
	const char *why;
	uid_t user;

	if (!is_code_needed(addons))
		return;
	why = call_client_find_user(check->settings.hooks, check->arena,
				    clock_now() + HOOKS_REPLY_LIMIT, &user);
	if (why) {
		finding_error(&check->findings, "%s", why);
		return;
	}
	if (user == check->pool_user || user == 0) {
		report_shared_user(check, user);
		return;
	}
	finding_ok(&check->findings, "%s: runs hooks as %s",
		   check->settings.hooks, cli_user_name(check->arena, user));
	check_hooks_files(check, user, addons);
}
