/*
 * json_syntax.h - is this proper JSON?
 *
 * The judge in front of cJSON, which by itself takes raw control bytes,
 * invalid UTF-8, numbers like 01, and cuts a string at \u0000.  Accepts what
 * RFC 8259 calls a JSON text and nothing else, with two limits of our own: no
 * \u0000 (neither C nor PostgreSQL can keep it) and no deeper nesting than
 * JSON_DEEPEST.  Duplicate members are json.c's affair, since names can be
 * spelled in several ways.
 */
#ifndef LIB_TEXT_JSON_SYNTAX_H
#define LIB_TEXT_JSON_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

#define JSON_DEEPEST 32 /* arrays and objects around a value */

struct json_fault {
	const char *what; /* static, ends a sentence: "a value is missing" */
	size_t offset;    /* of the byte where it was noticed */
};

/* False, and *fault is filled, for text that is not proper. */
bool json_syntax_check(const char *text, size_t length,
		       struct json_fault *fault);

#endif
