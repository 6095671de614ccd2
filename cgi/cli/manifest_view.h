/*
 * manifest_view.h - shows manifests to people, without their secrets.
 */
#ifndef CGI_CLI_MANIFEST_VIEW_H
#define CGI_CLI_MANIFEST_VIEW_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/text/line_diff.h"

struct arena;
struct json;

/* Return a manifest as JSON in lines.  The password and the salt are hidden. */
const char *manifest_view(struct arena *arena, const struct json *manifest);

/* A manifest, and where it is: "at Heroku". */
struct manifest_side {
	const struct json *manifest;
	const char *place;
};

/*
 * Compare two manifests, whose members need not be in the same order.  Secrets
 * are hidden; those that differ have their place beside them instead.  In a
 * string of the result, characters that a terminal would obey are escaped.
 */
MUST_CHECK struct line_diff manifest_compare(struct arena *arena,
					     const struct manifest_side *before,
					     const struct manifest_side *after);

/* Return true if the comparison removes lines, apart from $base, which only the
 * marketplace changes. */
MUST_CHECK bool manifest_loses(const struct line_diff *diff);

#endif
