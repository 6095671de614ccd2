/*
 * marketplace_code.h - the code of a grant, at the marketplace of verify.
 *
 * It says which resource it is for and how that is served, so that the server's
 * process need not be told of resources.
 */
#ifndef LIB_VERIFY_MARKETPLACE_CODE_H
#define LIB_VERIFY_MARKETPLACE_CODE_H

#include "lib/base/base.h"
#include "lib/verify/marketplace.h"

struct arena;

/* Return the code of a grant for the resource with this UUID. */
const char *marketplace_code(struct arena *arena, const char *key,
			     enum marketplace_manner manner);

/* Return the UUID in a code, and set *manner.  Return NULL if
 * marketplace_code() has not made it. */
MUST_CHECK const char *marketplace_read_code(struct arena *arena,
					     const char *code,
					     enum marketplace_manner *manner);

#endif
