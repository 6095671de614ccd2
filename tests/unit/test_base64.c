#include "unit.h"

#include "lib/crypto/base64.h"

/* ---- base64 ---- */

static struct base64_row {
	const char *name;
	const char *text;
	const char *expected; /* NULL: refused */
	size_t size;
} base64s[] = {
	/* RFC 4648, section 10 */
	{ "no characters give no bytes", "", "", 0 },
	{ "two characters and padding are a byte", "Zg==", "f", 1 },
	{ "three characters and padding are two bytes", "Zm8=", "fo", 2 },
	{ "four characters are three bytes", "Zm9v", "foo", 3 },
	{ "eight characters with padding are a text", "Zm9vYmE=", "fooba", 5 },
	{ "plus and slash are characters", "+/+/", "\xfb\xff\xbf", 3 },
	{ "zero bytes are counted", "AGEA", "\0a\0", 3 },
	{ "padding must not be missing", "Zg", NULL, 0 },
	{ "half of the padding must not be missing", "Zg=", NULL, 0 },
	{ "padding must not be too long", "Zg===", NULL, 0 },
	{ "padding must not be alone", "====", NULL, 0 },
	{ "one character is refused", "Z===", NULL, 0 },
	{ "five characters are too many", "Zm9vY", NULL, 0 },
	{ "padding must not stand within", "Zg==Zg==", NULL, 0 },
	{ "padding must not be followed", "Zg=v", NULL, 0 },
	{ "bits beyond the last byte are zero", "Zh==", NULL, 0 },
	{ "bits beyond the last two bytes are zero", "Zm9=", NULL, 0 },
	{ "a leading blank is refused", " Zg==", NULL, 0 },
	{ "a trailing blank is refused", "Zg== ", NULL, 0 },
	{ "a trailing newline is refused", "Zm9v\n", NULL, 0 },
	{ "a newline within is refused", "Zm9v\nYmE=", NULL, 0 },
	{ "blanks for characters are refused", "Z  =", NULL, 0 },
	{ "the alphabet for URLs is refused", "-_-_", NULL, 0 },
	{ "a dot is refused", "Zm9.", NULL, 0 },
	{ "non-ASCII bytes are refused", "Zm\xc3\xbc", NULL, 0 },
};

static void base64_is_as_expected(void **state)
{
	const struct base64_row *row = *state;
	size_t size = 99;
	const unsigned char *bytes = base64_decode(arena, row->text, &size);

	assert_bool(bytes, row->expected);
	if (!row->expected)
		return;
	assert_int_equal(size, row->size);
	assert_memory_equal(bytes, row->expected, size + 1);
}

/* What is decoded is encoded as the same text. */
static void encoding_reverses_decoding(void **state)
{
	const struct base64_row *row = *state;

	if (row->expected)
		assert_text(base64_encode(arena, row->expected, row->size),
			    row->text);
}

/* ---- base64url ---- */

static struct base64_row urls[] = {
	{ "no characters for URLs give no bytes", "", "", 0 },
	{ "two characters without padding are a byte", "Zg", "f", 1 },
	{ "three characters without padding are two bytes", "Zm8", "fo", 2 },
	{ "minus and underscore are characters", "-__-", "\xfb\xff\xfe", 3 },
	{ "one character for URLs is refused", "Z", NULL, 0 },
	{ "five characters for URLs are refused", "Zm9vY", NULL, 0 },
	{ "padding is refused", "Zg==", NULL, 0 },
	{ "the plain alphabet is refused", "+/+/", NULL, 0 },
	{ "bits beyond the byte are zero", "Zh", NULL, 0 },
	{ "bits beyond the two bytes are zero", "Zm9", NULL, 0 },
};

static void base64url_is_as_expected(void **state)
{
	const struct base64_row *row = *state;
	size_t size = 99;
	const unsigned char *bytes = base64_url_decode(arena, row->text, &size);

	assert_bool(bytes, row->expected);
	if (!row->expected)
		return;
	assert_int_equal(size, row->size);
	assert_memory_equal(bytes, row->expected, size + 1);
	assert_text(base64_url_encode(arena, bytes, size), row->text);
}

/* Each byte, at each place in a group of three. */
static void all_bytes_come_back(void)
{
	unsigned char bytes[3 * 256];
	size_t size;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(i % 256);
	for (size_t length = 0; length < sizeof bytes; length++) {
		const char *plain = base64_encode(arena, bytes, length);
		const char *url = base64_url_encode(arena, bytes, length);

		assert_memory_equal(base64_decode(arena, plain, &size), bytes,
				    length);
		assert_int_equal(size, length);
		assert_memory_equal(base64_url_decode(arena, url, &size), bytes,
				    length);
		assert_int_equal(size, length);
	}
}

static void bytes_become_base64url(void)
{
	assert_text(base64_url_encode(arena, "{}", 2), "e30");
	assert_text(base64_url_encode(arena, "\xfb\xff\xfe", 3), "-__-");
	assert_text(base64_url_encode(arena, "", 0), "");
}

static struct unit_check checks[] = {
	{ "bytes become base64url", bytes_become_base64url },
	{ "all bytes come back", all_bytes_come_back },
};

int main(void)
{
	UNIT_ROWS(base64s, base64_is_as_expected);
	UNIT_ROWS(base64s, encoding_reverses_decoding);
	UNIT_ROWS(urls, base64url_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("base64");
}
