#include "unit.h"

#include "lib/text/percent.h"

static struct read_row {
	const char *name;
	const char *text;
	size_t length;
	int expected; /* -1: refused */
} reads[] = {
	{ "two digits are a byte", "%41", 3, 'A' },
	{ "digits may be small", "%c3", 3, 0xc3 },
	{ "digits may be large", "%C3", 3, 0xc3 },
	{ "following text is ignored", "%412", 4, 'A' },
	{ "the last byte has two digits", "%ff", 3, 0xff },
	{ "a zero byte is refused", "%00", 3, -1 },
	{ "one digit is too few", "%4", 2, -1 },
	{ "a percent sign needs two digits", "%", 1, -1 },
	{ "the second digit is not read past the end", "%41", 2, -1 },
	{ "g is not a digit", "%4g", 3, -1 },
	{ "a sign is not a digit", "%-1", 3, -1 },
	{ "a blank is not a digit", "% 1", 3, -1 },
};

static void byte_is_as_expected(void **state)
{
	const struct read_row *row = *state;
	char byte = 'x';
	bool is_read = percent_read(row->text, row->length, &byte);

	assert_bool(is_read, row->expected >= 0);
	if (is_read)
		assert_int_equal((unsigned char)byte, row->expected);
}

static struct encode_row {
	const char *name;
	const char *text;
	const char *expected;
} encodes[] = {
	{ "letters and digits stay", "aZ09-._~", "aZ09-._~" },
	{ "nothing stays nothing", "", "" },
	{ "a slash is encoded", "a/b", "a%2Fb" },
	{ "a line's end is encoded", "a\r\nb", "a%0D%0Ab" },
	{ "a percent sign is encoded", "%41", "%2541" },
	{ "non-ASCII bytes are encoded", "\xc3\xbc", "%C3%BC" },
	{ "a plus and a blank are encoded", "+ ", "%2B%20" },
	{ "what HTML knows is encoded", "<\"'&>", "%3C%22%27%26%3E" },
};

static void text_is_as_expected(void **state)
{
	const struct encode_row *row = *state;

	assert_text(percent_encode(arena, row->text), row->expected);
}

int main(void)
{
	UNIT_ROWS(reads, byte_is_as_expected);
	UNIT_ROWS(encodes, text_is_as_expected);
	return unit_run("percent");
}
