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
	{ "bytes beyond ASCII are refused", "Zm\xc3\xbc", NULL, 0 },
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

static void bytes_become_base64url(void)
{
	assert_text(base64_url_encode(arena, "{}", 2), "e30");
	assert_text(base64_url_encode(arena, "\xfb\xff\xfe", 3), "-__-");
	assert_text(base64_url_encode(arena, "", 0), "");
}

static struct unit_check checks[] = {
	{ "bytes become base64url", bytes_become_base64url },
};

int main(void)
{
	UNIT_ROWS(base64s, base64_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("base64");
}
