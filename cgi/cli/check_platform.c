/*
 * check_platform.c - checks the authorities for calls to a marketplace, and the
 * marketplace's clock.
 */
#include "cgi/cli/check.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/crypto/certificates.h"
#include "lib/platform/platform.h"
#include "lib/process/user.h"

/* ---- authorities ---- */

static void judge_certificates(struct findings *findings, const char *path,
			       const struct certificates *found)
{
	int valid = found->count - found->expired - found->not_yet;

	if (found->count == 0)
		finding_error(findings,
			      "PROVISOR_PLATFORM_CA: %s has no certificate, or "
			      "one that is broken: write the certificates of "
			      "the authorities into it, in PEM format",
			      path);
	else if (valid == 0)
		finding_error(findings,
			      "PROVISOR_PLATFORM_CA: %s has no certificate "
			      "that is valid now (%d have expired, %d are not "
			      "valid yet): write current certificates into it, "
			      "or correct this host's clock",
			      path, found->expired, found->not_yet);
	else
		finding_ok(findings,
			   "PROVISOR_PLATFORM_CA: %s: valid certificates: %d "
			   "of %d",
			   path, valid, found->count);
}

static void check_authorities(struct check *check)
{
	const char *path = check->settings.platform_ca;
	struct certificates found;

	if (!*path)
		return;
	if (!user_can_read(check->pool_user, path)
	    || !certificates_count(path, &found))
		finding_error(&check->findings,
			      "PROVISOR_PLATFORM_CA: %s cannot be read by "
			      "the pools' user (%s): let this user read it, or "
			      "leave the setting empty to use the system's "
			      "authorities",
			      path, strerror(errno));
	else
		judge_certificates(&check->findings, path, &found);
}

/* ---- the clock ---- */

enum { PLATFORM_LIMIT = 5000 /* ms for a response */ };

/* The marketplace signs the time of a sign-on, and this host compares it with
 * its own clock.  lead is how far that is ahead, in ms. */
static void judge_platform_clock(struct check *check, int64_t lead)
{
	const struct check_platform_addons *addons = &check->platform_addons;
	int64_t limit = lead > 0 ? addons->max_age : addons->max_skew;
	int64_t distance = lead > 0 ? lead : -lead;
	const char *where = arena_printf(
		check->arena,
		"PROVISOR_PLATFORM_URL: this host's clock is %" PRId64
		" s %s that of %s",
		distance / 1000, lead > 0 ? "ahead of" : "behind",
		check->settings.platform_url);

	if (distance > limit)
		finding_error(&check->findings,
			      "%s, so every sign-on is refused (limit: %" PRId64
			      " s): synchronize this host's clock, with NTP",
			      where, limit / 1000);
	else if (distance / 1000 > CLOCK_TOLERANCE)
		finding_warning(&check->findings,
				"%s; above %" PRId64
				" s, sign-ons are refused: synchronize this "
				"host's clock, with NTP",
				where, limit / 1000);
	else
		finding_ok(&check->findings,
			   "PROVISOR_PLATFORM_URL: this host's clock agrees "
			   "with that of %s",
			   check->settings.platform_url);
}

static void report_no_clock(struct check *check, const char *why)
{
	if (check->platform_addons.may_call)
		finding_warning(&check->findings,
				"PROVISOR_PLATFORM_URL: %s cannot be called "
				"(%s), which the jobs of add-ons with a client "
				"secret need: correct the setting, the network "
				"or this host's clock",
				check->settings.platform_url, why);
	else
		finding_ok(&check->findings,
			   "PROVISOR_PLATFORM_URL: no add-on needs it; %s "
			   "cannot be called (%s), so its clock was not "
			   "compared with this host's",
			   check->settings.platform_url, why);
}

static void check_platform_clock(struct check *check)
{
	const struct settings *settings = &check->settings;
	struct platform *platform = platform_open(&(struct platform_config){
		.api_url = settings->platform_url,
		.token_url = settings->token_url,
		.ca_file = settings->platform_ca,
	});
	int64_t before = clock_wall();
	int64_t seconds;
	const char *why = platform_read_clock(
		platform, check->arena, clock_now() + PLATFORM_LIMIT, &seconds);

	/* The response was written in the middle of this time and, on average,
	 * of its second. */
	if (why)
		report_no_clock(check, why);
	else
		judge_platform_clock(check,
				     (before + clock_wall()) / 2
					     - (1000 * seconds + 500));
	platform_close(platform);
}

void check_platform(struct check *check)
{
	int errors = check->findings.errors;

	check_authorities(check);
	if (check->findings.errors == errors && check->platform_addons.exist)
		check_platform_clock(check);
}
