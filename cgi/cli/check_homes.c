/*
 * check_homes.c - checks the homes of all add-ons.
 */
#include "cgi/cli/check.h"

#include <inttypes.h>
#include <time.h>

#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/addon/permissions.h"
#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"
#include "lib/listener/code_owner.h"
#include "lib/listener/listener.h"
#include "lib/metrics/metrics.h"

static void add_findings(struct findings *findings, const struct findings *from)
{
	for (const struct finding *f = from->first; f; f = f->next) {
		if (f->verdict == FINDING_ERROR)
			finding_error(findings, "%s", f->text);
		else
			finding_warning(findings, "%s", f->text);
	}
}

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
	addons_warn_of_shared_salts(addons);
	add_findings(&check->findings, &addons->findings);
	for (int i = 0; i < addons->count; i++)
		check_home(check, addons->list[i]);
	if (addons->count == 0 && addons->findings.errors == 0)
		finding_error(&check->findings,
			      "%s: has no add-on: create a home with provisor "
			      "init",
			      check->settings.addons);
	addons_close(addons);
}
