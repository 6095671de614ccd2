/*
 * check_homes.c - checks the homes of all add-ons.
 */
#include "cgi/cli/check.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/addon/permissions.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/dialect/dialect.h"
#include "lib/listener/code_owner.h"
#include "lib/listener/failing_calls.h"
#include "lib/listener/hook_run.h"
#include "lib/listener/listener.h"
#include "lib/metrics/metrics.h"
#include "lib/process/user.h"

static const char *time_text(struct arena *arena, int64_t seconds)
{
	time_t time = (time_t)seconds;
	char text[sizeof "2026-01-01 00:00:00"];
	struct tm utc;

	strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", gmtime_r(&time, &utc));
	return arena_printf(arena, "%s UTC", text);
}

static bool is_in_rotation(const struct addon *addon)
{
	return addon->passwords.count > addon->has_password
		|| addon->salts.count > 1;
}

static void check_old_secrets(struct check *check, const struct addon *addon)
{
	uint64_t count;
	int64_t last;

	if (!is_in_rotation(addon))
		return;
	if (metrics_old_secret_used(addon->dialect->marketplace, addon->id,
				    &count, &last))
		finding_warning(&check->findings,
				"%s/settings.json: a secret in also_valid was "
				"used %" PRIu64 " times, last at %s: remove it "
				"when the marketplace no longer uses it",
				addon->home, count,
				time_text(check->arena, last));
	else
		finding_ok(&check->findings,
			   "%s/settings.json: no secret in also_valid has been "
			   "used: remove it when the marketplace has the new "
			   "one",
			   addon->home);
}

/* ---- calls of the vendor's code ---- */

static void check_calls(struct check *check, const struct addon *addon)
{
	for (int i = 0; i < LISTENER_ACTIONS; i++) {
		int64_t since;
		const char *how_often = failing_calls_of(
			addon, (enum listener_action)i, check->arena, &since);

		if (how_often)
			finding_warning(
				&check->findings,
				"%s: %s, since %s: the log and provisor "
				"resources history ID say why; correct the "
				"hook or library",
				addon->home, how_often,
				time_text(check->arena, since));
	}
}

/* ---- reading ---- */

/* A home that root has created is valid for root, even if the pools cannot use
 * it. */
static bool check_home_readable(struct check *check, const struct addon *addon)
{
	static const char *const names[] = {
		"addon-manifest.json", "settings.json",   "template.json",
		"listener.so",         "hooks/provision",
	};
	const char *user = cli_user_name(check->arena, check->pool_user);
	const struct passwd *entry = getpwuid(check->pool_user);
	const struct group *group = entry ? getgrgid(entry->pw_gid) : NULL;

	for (size_t i = 0; i < COUNT(names); i++) {
		const char *path = arena_printf(check->arena, "%s/%s",
						addon->home, names[i]);

		if (geteuid() != 0 || access(path, F_OK) != 0
		    || user_can_read(check->pool_user, path))
			continue;
		finding_error(&check->findings,
			      "%s: the pools' user %s cannot read it (%s): "
			      "chgrp -R %s %s && chmod -R g+rX %s",
			      path, user, strerror(errno),
			      group ? group->gr_name : user, addon->home,
			      addon->home);
		return false;
	}
	return true;
}

/* ---- passwords ---- */

/* The marketplace sends a wrong password at most while it is being replaced. */
static void check_wrong_passwords(struct check *check,
				  const struct addon *addon)
{
	enum { MANY = 100, DAY = 24 * 3600 };
	int64_t last;
	uint64_t count = metrics_wrong_passwords(addon->dialect->marketplace,
						 addon->id, &last);

	if (count >= MANY && clock_wall() / 1000 - last < DAY)
		finding_warning(&check->findings,
				"%s: %" PRIu64
				" requests of one day had a wrong password, "
				"the last at %s: log lines with "
				"reason=wrong-password have the addresses; if "
				"they are the marketplace's, push the manifest "
				"to it, otherwise let the firewall drop them",
				addon->home, count,
				time_text(check->arena, last));
}

/* ---- the marketplace ---- */

static int64_t shorter(int64_t limit, int64_t other)
{
	return limit > 0 && limit < other ? limit : other;
}

static void note_platform_addon(struct check_platform_addons *addons,
				const struct addon *addon)
{
	const struct dialect_sso *sso = addon->dialect->sso;

	if (!addon->dialect->api || !addon->dialect->api->is_set_by_host)
		return;
	addons->exist = true;
	addons->may_call |= addon_may_call(addon);
	addons->max_age = shorter(addons->max_age, sso->max_age);
	addons->max_skew = shorter(addons->max_skew, sso->max_skew);
}

static void check_home(struct check *check, const struct addon *addon)
{
	permissions_check(addon, &check->findings);
	if (!check_home_readable(check, addon) || !addon->is_valid)
		return;
	note_platform_addon(&check->platform_addons, addon);
	check_old_secrets(check, addon);
	check_wrong_passwords(check, addon);
	check_calls(check, addon);
	if (addon->dialect->is_direct)
		finding_ok(&check->findings,
			   "%s: \"%s\", whose resources operators create",
			   addon->home, addon->id);
	else
		finding_ok(&check->findings, "%s: \"%s\" at %s", addon->home,
			   addon->id,
			   url_path_text(check->arena, &addon->resources));
}

void check_homes(struct check *check)
{
	struct addons *addons;

	code_owner_set(check->pool_user);
	hook_run_use_pool(check->settings.hooks);
	addons = addons_open(check->settings.addons, listener_open, NULL);
	addons_warn_of_shared_salts(addons);
	findings_add(&check->findings, &addons->findings);
	for (int i = 0; i < addons->count; i++)
		check_home(check, addons->list[i]);
	if (addons->count == 0 && addons->findings.errors == 0) {
		finding_error(&check->findings,
			      "%s: has no add-on: create a home with provisor "
			      "init",
			      check->settings.addons);
		check_next_note(check, CHECK_STEP_HOME);
	}
	check_hooks(check, addons);
	addons_close(addons);
}
