/*
 * basic_auth.h - authenticates calls of marketplaces.
 *
 * Calls use HTTP Basic (RFC 7617): the user name is the manifest's id, and the
 * password is its api.password.  Passwords are compared in constant time.  Ids
 * are not secret: a marketplace lists them.
 */
#ifndef LIB_AUTH_BASIC_AUTH_H
#define LIB_AUTH_BASIC_AUTH_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct addon;
struct addons;
struct arena;
struct url_path;

/*
 * Verify the Authorization header (NULL: absent) of a call to the resources at
 * path.
 *
 * OUTCOME_OK               *addon is the caller
 * OUTCOME_UNAUTHENTICATED  the header is absent, not Basic, malformed or wrong
 * OUTCOME_UNAVAILABLE      the credentials are or may be right, but the home
 *                          of the add-on is invalid; *addon is that add-on,
 *                          or NULL if a home is unreadable
 *
 * *is_old is true if the password is valid but being rotated out.
 */
MUST_CHECK enum outcome
basic_auth_verify(const struct addons *addons, const struct url_path *path,
		  const char *header, struct arena *arena,
		  const struct addon **addon, bool *is_old);

#endif
