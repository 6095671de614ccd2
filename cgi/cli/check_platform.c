/*
 * check_platform.c - what provisor check finds of whom it is to believe in
 * place of the marketplace.
 */
#include "cgi/cli/check.h"

#include <errno.h>
#include <string.h>

#include "lib/crypto/certificates.h"
#include "lib/process/user.h"

static void judge(struct findings *findings, const char *path,
		  const struct certificates *found)
{
	int good = found->count - found->expired - found->not_yet;

	if (found->count == 0)
		finding_error(findings,
			      "PROVISOR_PLATFORM_CA: %s holds no certificate, "
			      "or a broken one: put those of the authorities "
			      "there, in PEM",
			      path);
	else if (good == 0)
		finding_error(findings,
			      "PROVISOR_PLATFORM_CA: %s holds no certificate "
			      "that is valid now (%d have expired, %d are not "
			      "valid yet): put those of today there, if this "
			      "host's clock is right",
			      path, found->expired, found->not_yet);
	else
		finding_ok(findings,
			   "PROVISOR_PLATFORM_CA: %s: certificates of "
			   "authorities that are valid: %d of %d",
			   path, good, found->count);
}

void check_platform(struct check *check)
{
	const char *path = check->settings.platform_ca;
	struct certificates found;

	if (!*path)
		return;
	if (!user_can_read(check->pool_user, path)
	    || !certificates_count(path, &found))
		finding_error(&check->findings,
			      "PROVISOR_PLATFORM_CA: %s cannot be read by "
			      "the pools' user (%s): put it where they can, or "
			      "leave the setting empty to believe the "
			      "system's authorities",
			      path, strerror(errno));
	else
		judge(&check->findings, path, &found);
}
