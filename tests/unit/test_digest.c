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
	char hex[DIGEST_LONGEST_HEX + 1];

	memset(hex, 'x', sizeof hex);
	assert_true(digest_hex(DIGEST_SHA1, row->parts, row->count, hex));
	assert_string_equal(hex, row->expected);
}

/* ---- SHA-512 (FIPS 180-2, appendix C) ---- */

static struct sha512_row {
	const char *name;
	const char *parts[3];
	const char *expected;
} sha512_rows[] = {
	{ "SHA-512 concatenates the parts",
	  { "a", "", "bc" },
	  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
};

static void sha512_is_as_expected(void **state)
{
	const struct sha512_row *row = *state;
	char hex[DIGEST_LONGEST_HEX + 1];

	memset(hex, 'x', sizeof hex);
	assert_true(digest_hex(DIGEST_SHA512, row->parts, 3, hex));
	assert_string_equal(hex, row->expected);
}

/* ---- HMAC-SHA-256 (RFC 4231, cases 2 and 6) ---- */

static struct hmac_row {
	const char *name;
	const char *key;
	const char *parts[2];
	const char *expected;
} hmacs[] = {
	{ "a short key",
	  "Jefe",
	  { "what do ya want ", "for nothing?" },
	  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	{ "a key longer than a block, as openssl dgst -hmac computes it",
	  "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
	  "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
	  { "Test Using Larger Than Block-Size Key - ", "Hash Key First" },
	  "e9b0b679b0fd23df35424df3a50c3178c6bf7de0200444cfbada126c20642184" },
	{ "an empty text",
	  "key",
	  { "", "" },
	  "5d5d139563c95b5967b9bd9a8c9b233a9dedb45072794cd232dc1b74832607d0" },
};

static void hmac_is_as_expected(void **state)
{
	const struct hmac_row *row = *state;
	char hex[DIGEST_SHA256_HEX + 1];

	memset(hex, 'x', sizeof hex);
	assert_true(digest_hmac_sha256_hex(row->key, row->parts, 2, hex));
	assert_string_equal(hex, row->expected);
	/* The context is used again. */
	assert_true(digest_hmac_sha256_hex(row->key, row->parts, 2, hex));
	assert_string_equal(hex, row->expected);
}

int main(void)
{
	UNIT_ROWS(digests, digest_is_as_expected);
	UNIT_ROWS(old_digests, old_digest_is_as_expected);
	UNIT_ROWS(sha512_rows, sha512_is_as_expected);
	UNIT_ROWS(hmacs, hmac_is_as_expected);
	return unit_run("digest");
}
