/*
 * json_reader.h - reads JSON.
 *
 * cJSON's own parser accepts raw control characters, invalid UTF-8 and numbers
 * such as 01, and cuts strings at \u0000.  This one accepts the JSON texts of
 * RFC 8259 with two limits of our own: a document has no \u0000, which neither
 * C nor PostgreSQL can store, and is nested at most JSON_DEEPEST levels deep.
 * Some versions of cJSON refuse numbers of more than 63 characters.
 * json.c finds duplicate members.
 */
#ifndef LIB_TEXT_JSON_READER_H
#define LIB_TEXT_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/base.h"

struct arena;
struct cJSON;

#define JSON_DEEPEST 32 /* arrays and objects around a value */

struct json_fault {
	const char *what; /* a static clause: "a value is missing" */
	size_t offset;    /* of the byte at which it was found */
};

/* Return the value that text describes, in memory of arena.  Return NULL, and
 * set *fault, if text is not valid JSON. */
MUST_CHECK const struct cJSON *json_read(struct arena *arena, const char *text,
					 size_t length,
					 struct json_fault *fault);

#endif
