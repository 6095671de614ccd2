/*
 * form.h - the fields of a form, as a browser sends them.
 *
 * The form is application/x-www-form-urlencoded, of a body or of a query: "+"
 * is a blank, percent-encoding a byte, and text is UTF-8.  What a browser would
 * not send is refused rather than read somehow, since a token is over the bytes
 * that were decoded.
 */
#ifndef LIB_TEXT_FORM_H
#define LIB_TEXT_FORM_H

#include <stddef.h>

#include "lib/base/outcome.h"

struct arena;

#define FORM_LARGEST 65536 /* bytes: 64 KiB */

enum { FORM_MOST = 64 }; /* fields */

struct form_field {
	const char *name;
	const char *value; /* "" where the field has no "=" */
};

/* In the order they were sent. */
struct form {
	int count;
	struct form_field fields[FORM_MOST];
};

/*
 * Read the fields, which live in the arena.
 *
 * OUTCOME_TOO_LARGE  over FORM_LARGEST bytes, or over FORM_MOST fields
 * OUTCOME_MALFORMED  broken percent-encoding, an encoded zero, a raw blank or
 *                    control byte, or what is not UTF-8 once decoded
 */
enum outcome form_read(struct arena *arena, const char *text, size_t length,
		       struct form *form);

/* The first value of that name, or NULL. */
const char *form_value(const struct form *form, const char *name);

/* How many fields have that name. */
int form_count(const struct form *form, const char *name);

#endif
