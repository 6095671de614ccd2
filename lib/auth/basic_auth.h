/*
 * basic_auth.h - which add-on is calling, and is it really?
 *
 * HTTP Basic (RFC 7617): the user name is the manifest's id, the password its
 * api.password.  Every add-on asked about is compared with, in constant time,
 * so that neither ids nor passwords can be found by their timing.
 */
#ifndef LIB_AUTH_BASIC_AUTH_H
#define LIB_AUTH_BASIC_AUTH_H

#include <stdbool.h>

#include "lib/base/outcome.h"

struct addon;
struct addons;
struct arena;
struct url_path;

/*
 * Judge the Authorization header of a call to the resources at path.
 *
 * OUTCOME_OK               *addon is who calls
 * OUTCOME_UNAUTHENTICATED  no header (NULL), not Basic, malformed, or wrong
 * OUTCOME_UNAVAILABLE      right, or perhaps right: the add-on's home is
 *                          broken; *addon is it, or NULL where a home cannot
 *                          even be read
 *
 * *is_old: right, but with a password that is being rotated out.
 */
enum outcome basic_auth_judge(const struct addons *addons,
			      const struct url_path *path, const char *header,
			      struct arena *arena, const struct addon **addon,
			      bool *is_old);

#endif
