/*
 * percent.h - decodes a percent-encoded byte and encodes a text (RFC 3986).
 */
#ifndef LIB_TEXT_PERCENT_H
#define LIB_TEXT_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/base.h"

struct arena;

/* Decode the byte at the start of a text of length bytes that begins with a
 * percent sign.  Return false if two hexadecimal digits do not follow, or if it
 * is a zero byte, which would end the decoded text. */
MUST_CHECK bool percent_read(const char *text, size_t length, char *byte);

/* Encode all bytes of text except ASCII letters, digits and "-._~". */
const char *percent_encode(struct arena *arena, const char *text);

#endif
