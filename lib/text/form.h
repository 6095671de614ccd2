/*
 * form.h - reads forms (application/x-www-form-urlencoded) and queries.
 *
 * "+" means a space, a percent sign and two digits mean a byte, and the
 * result is UTF-8.  A form that no browser would send is refused: sign-on
 * tokens are computed over the decoded bytes, so these must not be ambiguous.
 */
#ifndef LIB_TEXT_FORM_H
#define LIB_TEXT_FORM_H

#include <stddef.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;

#define FORM_LARGEST 65536 /* bytes: 64 KiB */

enum { FORM_MOST = 64 }; /* fields */

struct form_field {
	const char *name;
	const char *value; /* "" if the field has no "=" */
};

/* The fields, in the order of the form. */
struct form {
	int count;
	struct form_field fields[FORM_MOST];
};

/*
 * Read the fields into the arena.
 *
 * OUTCOME_TOO_LARGE  more than FORM_LARGEST bytes or FORM_MOST fields
 * OUTCOME_MALFORMED  broken percent-encoding, an encoded zero byte, a raw blank
 *                    or control character, or decoded text that is not UTF-8
 */
MUST_CHECK enum outcome form_read(struct arena *arena, const char *text,
				  size_t length, struct form *form);

/* Return the first value with this name, or NULL. */
const char *form_value(const struct form *form, const char *name);

/* Return the number of fields with this name. */
int form_count(const struct form *form, const char *name);

#endif
