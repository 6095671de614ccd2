/*
 * utf8.h - checks UTF-8, counts its characters, and makes it safe to print.
 */
#ifndef LIB_BASE_UTF8_H
#define LIB_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/base.h"

struct arena;

/*
 * Return the length in bytes of the character at the start of a text of length
 * bytes, or 0 if it is not a valid character: RFC 3629 excludes overlong forms,
 * surrogates and characters beyond U+10FFFF.
 */
size_t utf8_take(const char *text, size_t length);

MUST_CHECK bool utf8_is_valid(const char *text);

/* Replace each byte that belongs to no character, such as those at the end of a
 * text that was cut, with a question mark. */
void utf8_repair(char *text);

/* Return the number of characters of a valid text. */
int utf8_count(const char *text);

/* Return true if text contains a control character, such as a line break. */
MUST_CHECK bool utf8_has_controls(const char *text);

/* Return true if a terminal would obey the character of length bytes instead of
 * showing it: control characters, U+0080 to U+009F included, and those that
 * change the direction of text or end a line. */
MUST_CHECK bool utf8_is_control(const char *character, size_t length);

/* Return text with a question mark for each of these characters and for each
 * byte that is not UTF-8. */
const char *utf8_for_terminal(struct arena *arena, const char *text);

#endif
