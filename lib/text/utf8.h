/*
 * utf8.h - is this UTF-8, of how many characters, and may people see it?
 */
#ifndef LIB_TEXT_UTF8_H
#define LIB_TEXT_UTF8_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/*
 * The length in bytes of the character that text begins with, of which length
 * bytes are there; 0 when that is none.  RFC 3629 rules out overlong forms,
 * surrogates and what lies beyond U+10FFFF.
 */
size_t utf8_take(const char *text, size_t length);

bool utf8_is_valid(const char *text);

/* Put a question mark in place of each byte that belongs to no character, as at
 * the end of a text that was cut. */
void utf8_mend(char *text);

/* How many characters valid text has. */
int utf8_count(const char *text);

/* text with a question mark for what a terminal would obey: each control
 * character, those of U+0080 to U+009F too, and each byte that is not UTF-8. */
const char *utf8_for_terminal(struct arena *arena, const char *text);

#endif
