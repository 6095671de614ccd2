/*
 * json_syntax.h - checks the syntax of JSON.
 *
 * This check comes before cJSON, which accepts raw control characters, invalid
 * UTF-8 and numbers such as 01, and cuts strings at \u0000.  It accepts the
 * JSON texts of RFC 8259 with two limits of our own: a text has no \u0000,
 * which neither C nor PostgreSQL can store, and is nested at most JSON_DEEPEST
 * levels deep.  json.c finds duplicate members, because a name can be spelled
 * in several ways.
 */
#ifndef LIB_TEXT_JSON_SYNTAX_H
#define LIB_TEXT_JSON_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/base.h"

#define JSON_DEEPEST 32 /* arrays and objects around a value */

struct json_fault {
	const char *what; /* a static clause: "a value is missing" */
	size_t offset;    /* of the byte at which it was found */
};

/* Return false, and set *fault, if text is not valid JSON. */
MUST_CHECK bool json_syntax_check(const char *text, size_t length,
				  struct json_fault *fault);

#endif
