/*
 * check_homes.c - what provisor check finds of pools, keys and add-ons.
 */
#include "cgi/cli/check.h"

#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cgi/cli/pools.h"
#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/crypto/sealing_keys.h"
#include "lib/dialect/dialect.h"
#include "lib/addon/permissions.h"
#include "lib/listener/code_owner.h"
#include "lib/listener/listener.h"
#include "lib/metrics/metrics.h"
#include "lib/provider/provider.h"
#include "lib/crypto/sealing.h"

static const char *name_of(struct arena *arena, uid_t user)
{
	const struct passwd *entry = getpwuid(user);

	return entry ? arena_strdup(arena, entry->pw_name)
		     : arena_printf(arena, "user %u", (unsigned int)user);
}

/* ---- pools ---- */

static void refuse_metrics(struct check *check, int error)
{
	const char *path = check->settings.metrics;
	const char *folder = dirname(arena_strdup(check->arena, path));
	struct stat status;

	if (error != ENOENT)
		finding_error(&check->findings,
			      "%s: cannot be used (%s): run this as root or "
			      "as the pools' user, and let PROVISOR_METRICS "
			      "name a file of theirs",
			      path, strerror(error));
	else if (stat(folder, &status) != 0)
		finding_error(&check->findings,
			      "%s: the folder of the pools' sockets and "
			      "metrics is missing: systemd-tmpfiles --create "
			      "makes it, or make it for the pools' user; then "
			      "start the pools",
			      folder);
	else
		finding_error(&check->findings,
			      "%s: is missing, so no pool runs: start the "
			      "pools, with the same PROVISOR_METRICS",
			      path);
}

void check_pools(struct check *check)
{
	bool is_open = pools_open(&check->settings);
	int error = errno, workers = pools_workers();

	check->pool_user = pools_user(&check->settings);
	if (!is_open)
		refuse_metrics(check, error);
	else if (workers == 0)
		finding_error(&check->findings,
			      "%s: no worker counts there, so the pools do not "
			      "run: start them; if they end at once, their "
			      "log says why",
			      check->settings.metrics);
	else
		finding_ok(&check->findings,
			   "%s: workers that live: %d, as %s; processes of "
			   "provisor-jobs: %d",
			   check->settings.metrics, workers,
			   name_of(check->arena, check->pool_user),
			   pools_job_workers());
}

/* ---- keys ---- */

static int count_keys(const struct sealing_keys *keys)
{
	int count = 0;

	while (sealing_keys_id(keys, count))
		count++;
	return count;
}

/* The file has mode 0600, so nobody but its owner can read it. */
static bool is_of_pools(struct check *check)
{
	struct stat status;

	if (stat(check->settings.keys, &status) != 0
	    || status.st_uid == check->pool_user)
		return true;
	finding_error(&check->findings,
		      "%s: belongs to %s, and the pools run as %s: chown it to "
		      "them",
		      check->settings.keys,
		      name_of(check->arena, status.st_uid),
		      name_of(check->arena, check->pool_user));
	return false;
}

void check_keys(struct check *check)
{
	int errors = check->findings.errors;

	check->keys = sealing_keys_open(check->settings.keys, &check->findings);
	if (check->findings.errors == errors && is_of_pools(check))
		finding_ok(&check->findings,
			   "%s: \"%s\" seals, and %d others open",
			   check->settings.keys,
			   sealing_keys_id(check->keys, 0),
			   count_keys(check->keys) - 1);
}

/* ---- add-ons ---- */

static void take_over(struct findings *findings, const struct findings *from)
{
	for (const struct finding *f = from->first; f; f = f->next) {
		if (f->verdict == FINDING_ERROR)
			finding_error(findings, "%s", f->text);
		else
			finding_warning(findings, "%s", f->text);
	}
}

static const char *moment(struct arena *arena, int64_t seconds)
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
				"%s/settings.json: what is also_valid was "
				"used %" PRIu64 " times, last at %s: remove it "
				"when that has stopped",
				addon->home, count, moment(check->arena, last));
	else
		finding_ok(&check->findings,
			   "%s/settings.json: nobody has used what is "
			   "also_valid; where the marketplace has the new one, "
			   "remove it",
			   addon->home);
}

static void check_home(struct check *check, const struct addon *addon)
{
	permissions_check(addon, &check->findings);
	if (!addon->is_valid)
		return;
	check_old_secrets(check, addon);
	finding_ok(&check->findings, "%s: \"%s\" at %s", addon->home, addon->id,
		   url_path_text(check->arena, &addon->resources));
}

void check_homes(struct check *check)
{
	struct addons *addons;

	code_owner_set(check->pool_user);
	addons = addons_open(check->settings.addons, listener_open, NULL);
	take_over(&check->findings, &addons->findings);
	for (int i = 0; i < addons->count; i++)
		check_home(check, addons->list[i]);
	if (addons->count == 0 && addons->findings.errors == 0)
		finding_error(&check->findings,
			      "%s: holds no add-on: make a home with provisor "
			      "init",
			      check->settings.addons);
	addons_close(addons);
}
