/*
 * percent.h - percent-encoding (RFC 3986), one byte, whole texts, and URLs.
 */
#ifndef LIB_TEXT_PERCENT_H
#define LIB_TEXT_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* The byte that a text of length bytes, which begins with a percent sign,
 * stands for.  False: two hexadecimal digits are not there, or it is a zero
 * byte, which would end every text it got into. */
bool percent_read(const char *text, size_t length, char *byte);

/* Is text made of the characters that a URL may have?  Then it neither ends a
 * header nor an attribute. */
bool percent_is_url(const char *text);

/* Is it, moreover, one of https, or a path of the host that names it? */
bool percent_is_ours_or_https(const char *text);

/* text with all encoded but letters, digits and "-._~". */
const char *percent_encode(struct arena *arena, const char *text);

#endif
