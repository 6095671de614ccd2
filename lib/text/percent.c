#include "lib/text/percent.h"

#include <ctype.h>
#include <string.h>

#include "lib/base/arena.h"

static int digit_value(char c)
{
	return isdigit((unsigned char)c) ? c - '0'
					 : tolower((unsigned char)c) - 'a' + 10;
}

bool percent_read(const char *text, size_t length, char *byte)
{
	if (length < 3 || !isxdigit((unsigned char)text[1])
	    || !isxdigit((unsigned char)text[2]))
		return false;
	*byte = (char)(digit_value(text[1]) * 16 + digit_value(text[2]));
	return *byte != '\0';
}

const char *percent_encode(struct arena *arena, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";
	char *encoded = arena_alloc(arena, strlen(text) * 3 + 1);
	char *out = encoded;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c < 0x80 && isalnum(c)) || strchr("-._~", c)) {
			*out++ = (char)c;
		} else {
			*out++ = '%';
			*out++ = digits[c >> 4];
			*out++ = digits[c & 15];
		}
	}
	return encoded;
}
