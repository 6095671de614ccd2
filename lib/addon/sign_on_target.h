/*
 * sign_on_target.h - where a browser goes after sign-on.
 *
 * A vendor writes a target in settings.json or returns one from sign-on: an
 * https URL, or an absolute path of this host such as "/my/dashboard".  It may
 * contain ${id}, ${action} and ${context_app}.
 */
#ifndef LIB_ADDON_SIGN_ON_TARGET_H
#define LIB_ADDON_SIGN_ON_TARGET_H

#include "lib/base/base.h"

struct arena;

/* What replaces the references.  NULL counts as "". */
struct sign_on_target_values {
	const char *id;          /* the resource's, which the marketplace has */
	const char *action;      /* what the customer chose, not signed */
	const char *context_app; /* the app they came from, not signed */
};

/*
 * Return what is wrong with a target, which may be NULL, as the rest of a
 * sentence after its name: "must be ...".  Return NULL if it is valid.
 *
 * Values that a customer can alter must not be in the host, because they would
 * lead to another one.
 */
MUST_CHECK const char *sign_on_target_fault(struct arena *arena,
					    const char *target);

/* Return a valid target with the values, percent-encoded. */
const char *sign_on_target_fill(struct arena *arena, const char *target,
				const struct sign_on_target_values *values);

#endif
