/*
 * uuid.h - reads and creates UUIDs.
 *
 * The canonical form has 36 characters in lower case.
 */
#ifndef LIB_TEXT_UUID_H
#define LIB_TEXT_UUID_H

#include <stdbool.h>

#include "lib/base/base.h"

#define UUID_LENGTH 36

/*
 * Write the canonical form of text into uuid.  Return false, and leave uuid
 * unchanged, unless text is 32 hexadecimal digits of either case with a dash at
 * each of the four places: forms with braces or without dashes are refused.
 */
MUST_CHECK bool uuid_read(const char *text, char uuid[static UUID_LENGTH + 1]);

/* Write the first and the last UUID that begin with text.  Return false if none
 * does. */
MUST_CHECK bool uuid_read_beginning(const char *text,
				    char first[static UUID_LENGTH + 1],
				    char last[static UUID_LENGTH + 1]);

/* Create a random UUID (version 4).  End the process if the kernel provides no
 * random bytes. */
void uuid_random(char uuid[static UUID_LENGTH + 1]);

#endif
