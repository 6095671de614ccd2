/*
 * percent.h - percent-encoding (RFC 3986) of a byte and of a text.
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

/* text with all encoded but letters, digits and "-._~". */
const char *percent_encode(struct arena *arena, const char *text);

#endif
