/* A character is accepted if its bits are valid and RFC 3629 does not exclude
 * it. */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "lib/base/utf8.h"

static bool is_character(const unsigned char *bytes, unsigned int length)
{
	static const unsigned int least[] = { 0, 1, 0x80, 0x800, 0x10000 };
	unsigned int point = bytes[0];

	if (length == 1 ? point > 0x7f
			: point >> (7 - length) != (2u << length) - 2)
		return false;
	if (length > 1)
		point &= 0x7fu >> length;
	for (unsigned int i = 1; i < length; i++) {
		if (bytes[i] >> 6 != 2)
			return false;
		point = point << 6 | (bytes[i] & 0x3f);
	}
	return point >= least[length] && point <= 0x10ffff
		&& point >> 11 != 0xd800 >> 11;
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	const char *bare = fuzz_bare(arena, text, length);
	size_t at = 0;
	int count = 0;

	for (size_t i = 0; i < length; i++) {
		size_t taken = utf8_take(bare + i, length - i);

		assert(taken <= 4 && taken <= length - i);
		for (unsigned int n = 1; n <= 4 && n <= length - i; n++)
			assert(is_character((const unsigned char *)text + i, n)
			       == (taken == n));
		if (i == at && taken > 0) {
			at += taken;
			count++;
		}
	}
	assert(utf8_is_valid(text) == (at >= strlen(text)));
	if (at == length)
		assert(utf8_count(text) == count);
}
