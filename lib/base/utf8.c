#include "lib/base/utf8.h"

#include <string.h>

#include "lib/base/arena.h"

/* RFC 3629, section 4: the first byte determines the length and the range of
 * the second byte.  All further bytes are 80 to BF. */
static const struct utf8_form {
	unsigned char first, last, low, high;
	size_t length;
} forms[] = {
	{ 0x01, 0x7f, 0x00, 0x00, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

static const struct utf8_form *find_utf8_form(unsigned char first)
{
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (first >= forms[i].first && first <= forms[i].last)
			return &forms[i];
	return NULL;
}

size_t utf8_take(const char *text, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)text;
	const struct utf8_form *form =
		length > 0 ? find_utf8_form(bytes[0]) : NULL;

	if (!form || length < form->length)
		return 0;
	if (form->length > 1 && (bytes[1] < form->low || bytes[1] > form->high))
		return 0;
	for (size_t i = 2; i < form->length; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	return form->length;
}

bool utf8_is_valid(const char *text)
{
	const char *end = text + strlen(text);
	size_t length;

	for (; text < end; text += length) {
		bool is_ascii = (unsigned char)*text < 0x80;

		length = is_ascii ? 1 : utf8_take(text, (size_t)(end - text));
		if (length == 0)
			return false;
	}
	return true;
}

int utf8_count(const char *text)
{
	int count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static bool is_control_character(const unsigned char *character, size_t length)
{
	return length == 1 ? character[0] < 0x20 || character[0] == 0x7f
			   : character[0] == 0xc2 && character[1] < 0xa0;
}

/* Return true for U+061C, U+200E, U+200F, U+2028 to U+202E and U+2066 to
 * U+2069: what follows them would be shown in another order or on another
 * line. */
static bool is_direction(const unsigned char *character, size_t length)
{
	unsigned int code = 0;

	if (length == 2)
		return memcmp(character, "\xd8\x9c", length) == 0;
	if (length == 3)
		code = (character[0] & 0x0fu) << 12
			| (character[1] & 0x3fu) << 6 | (character[2] & 0x3fu);
	return code == 0x200e || code == 0x200f
		|| (code >= 0x2028 && code <= 0x202e)
		|| (code >= 0x2066 && code <= 0x2069);
}

bool utf8_is_control(const char *character, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)character;

	return is_control_character(bytes, length)
		|| is_direction(bytes, length);
}

const char *utf8_for_terminal(struct arena *arena, const char *text)
{
	size_t left = strlen(text);
	char *safe = arena_alloc(arena, left + 1);
	char *out = safe;

	while (left > 0) {
		size_t length = utf8_take(text, left);

		if (length == 0 || utf8_is_control(text, length)) {
			*out++ = '?';
			length += length == 0;
		} else {
			out = mempcpy(out, text, length);
		}
		text += length;
		left -= length;
	}
	return safe;
}

void utf8_repair(char *text)
{
	size_t left = strlen(text), taken;

	for (; left > 0; text += taken, left -= taken) {
		taken = utf8_take(text, left);
		if (taken > 0)
			continue;
		*text = '?';
		taken = 1;
	}
}

bool utf8_has_controls(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	for (; *at; at++)
		if (*at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] < 0xa0))
			return true;
	return false;
}
