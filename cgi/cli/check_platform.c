/*
 * check_platform.c - checks the file of authorities for calls of a marketplace.
 */
#include "cgi/cli/check.h"

#include <errno.h>
#include <string.h>

#include "lib/crypto/certificates.h"
#include "lib/process/user.h"

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
			      "the pools' user (%s): let this user read it, or "
			      "leave the setting empty to use the system's "
			      "authorities",
			      path, strerror(errno));
	else
		judge_certificates(&check->findings, path, &found);
}
