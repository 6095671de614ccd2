#include "unit.h"

#include "lib/crypto/digest.h"

/* ---- SHA-256 (FIPS 180-2, appendix B; printf ... | sha256sum) ---- */

static struct digest_row {
	const char *name;
	const char *parts[3];
	size_t count;
	const char *expected;
} digests[] = {
	{ "no parts have a digest",
	  { NULL },
	  0,
	  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "an empty text has the same digest",
	  { "" },
	  1,
	  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "a short text has its digest",
	  { "abc" },
	  1,
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "a text of two blocks has its digest",
	  { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" },
	  1,
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "parts are one text",
	  { "a", "", "bc" },
	  3,
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
};

static void digest_is_as_expected(void **state)
{
	const struct digest_row *row = *state;
	char hex[DIGEST_SHA256_HEX + 1];

	memset(hex, 'x', sizeof hex);
	assert_true(digest_sha256_hex(row->parts, row->count, hex));
	assert_string_equal(hex, row->expected);
}

/* ---- SHA-1 (FIPS 180-2, appendix A) ---- */

static struct old_digest_row {
	const char *name;
	const char *parts[3];
	size_t count;
	const char *expected;
} old_digests[] = {
	{ "no parts have a SHA-1 digest",
	  { NULL },
	  0,
	  "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
	{ "a short text has a SHA-1 digest",
	  { "abc" },
	  1,
	  "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ "SHA-1 concatenates the parts",
	  { "a", "", "bc" },
	  3,
	  "a9993e364706816aba3e25717850c26c9cd0d89d" },
};

static void old_digest_is_as_expected(void **state)
{
	const struct old_digest_row *row = *state;
	char hex[DIGEST_SHA256_HEX + 1];

	memset(hex, 'x', sizeof hex);
	assert_true(digest_hex(DIGEST_SHA1, row->parts, row->count, hex));
	assert_string_equal(hex, row->expected);
}

int main(void)
{
	UNIT_ROWS(digests, digest_is_as_expected);
	UNIT_ROWS(old_digests, old_digest_is_as_expected);
	return unit_run("digest");
}
