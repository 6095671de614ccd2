/*
 * utf8.h - is this UTF-8, and how many characters?
 */
#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The length in bytes of the character that text begins with, of which length
 * bytes are there; 0 when that is none.  RFC 3629 rules out overlong forms,
 * surrogates and what lies beyond U+10FFFF.
 */
size_t utf8_take(const char *text, size_t length);

bool utf8_is_valid(const char *text);

/* How many characters valid text has. */
int utf8_count(const char *text);

#endif
