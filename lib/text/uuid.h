/*
 * uuid.h - ids in the one form we write: 36 characters, lower case.
 */
#ifndef LIB_TEXT_UUID_H
#define LIB_TEXT_UUID_H

#include <stdbool.h>

#define UUID_LENGTH 36

/*
 * Write text's canonical form into uuid.  False, and uuid is left alone, for
 * anything but 32 hexadecimal digits of either case with dashes at their four
 * places: braces, blanks and the dashless form are no UUIDs here.
 */
bool uuid_read(const char *text, char uuid[static UUID_LENGTH + 1]);

/* A new random one (version 4).  Ends the process if the kernel gives no
 * random bytes. */
void uuid_random(char uuid[static UUID_LENGTH + 1]);

#endif
