#include "lib/text/uuid.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static bool is_dash_position(int i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

bool uuid_read(const char *text, char uuid[static UUID_LENGTH + 1])
{
	char read[UUID_LENGTH + 1] = { 0 };

	if (strnlen(text, UUID_LENGTH + 1) != UUID_LENGTH)
		return false;
	for (int i = 0; i < UUID_LENGTH; i++) {
		unsigned char c = (unsigned char)text[i];

		if (is_dash_position(i) ? c != '-' : !isxdigit(c))
			return false;
		read[i] = (char)tolower(c);
	}
	memcpy(uuid, read, sizeof read);
	return true;
}

/* Return text, completed with a digit, if that is a UUID. */
static bool complete(const char *text, char digit,
		     char uuid[static UUID_LENGTH + 1])
{
	char whole[UUID_LENGTH + 1];
	size_t length = strnlen(text, UUID_LENGTH);

	memcpy(whole, text, length);
	for (size_t i = length; i < UUID_LENGTH; i++)
		whole[i] = (char)(is_dash_position((int)i) ? '-' : digit);
	whole[UUID_LENGTH] = '\0';
	return text[length] == '\0' && uuid_read(whole, uuid);
}

bool uuid_read_beginning(const char *text, char first[static UUID_LENGTH + 1],
			 char last[static UUID_LENGTH + 1])
{
	return complete(text, '0', first) && complete(text, 'f', last);
}

void uuid_random(char uuid[static UUID_LENGTH + 1])
{
	unsigned char b[16];

	if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
		abort();
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	snprintf(uuid, UUID_LENGTH + 1,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-"
		 "%02x%02x-%02x%02x%02x%02x%02x%02x",
		 b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9],
		 b[10], b[11], b[12], b[13], b[14], b[15]);
}
