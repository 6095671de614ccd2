#include "files.h"

#include "lib/base/log.h"
#include "lib/crypto/base64.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/random.h"
#include "lib/crypto/sealing.h"

/* ---- comparing ---- */

static struct equal_row {
	const char *name;
	const char *a, *b;
	bool expected;
} equals[] = {
	{ "a text equals itself", "secret", "secret", true },
	{ "empty texts are equal", "", "", true },
	{ "another last character differs", "secret", "secres", false },
	{ "another first character differs", "secret", "tecret", false },
	{ "a beginning differs", "secret", "secre", false },
	{ "case differs", "secret", "Secret", false },
	{ "nothing written differs", "secret", "", false },
	{ "NULL equals nothing", NULL, "secret", false },
	{ "nothing equals NULL", "secret", NULL, false },
	{ "NULL does not equal the empty text", NULL, "", false },
	{ "NULL does not even equal NULL", NULL, NULL, false },
};

static void equality_is_as_expected(void **state)
{
	const struct equal_row *row = *state;

	assert_bool(digest_equal(row->a, row->b), row->expected);
	assert_bool(digest_equal(row->b, row->a), row->expected);
}

/* ---- SHA-256 (FIPS 180-2, appendix B; printf ... | sha256sum) ---- */

static struct digest_row {
	const char *name;
	const char *parts[3];
	size_t count;
	const char *expected;
} digests[] = {
	{ "nothing has its digest",
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
	{ "nothing has its digest of old",
	  { NULL },
	  0,
	  "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
	{ "a short text has its digest of old",
	  { "abc" },
	  1,
	  "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ "parts are one text of old",
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

static void bytes_become_base64url(void)
{
	assert_text(base64_url_encode(arena, "{}", 2), "e30");
	assert_text(base64_url_encode(arena, "\xfb\xff\xfe", 3), "-__-");
	assert_text(base64_url_encode(arena, "", 0), "");
}

/* ---- base64 ---- */

static struct base64_row {
	const char *name;
	const char *text;
	const char *expected; /* NULL: it is none */
	size_t size;
} base64s[] = {
	/* RFC 4648, section 10 */
	{ "no characters are no bytes", "", "", 0 },
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
	{ "one character is nothing", "Z===", NULL, 0 },
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
	{ "the alphabet for URLs is another", "-_-_", NULL, 0 },
	{ "a dot is no character", "Zm9.", NULL, 0 },
	{ "bytes beyond ASCII are no characters", "Zm\xc3\xbc", NULL, 0 },
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

/* ---- randomness ---- */

static void random_texts_are_base64url(void)
{
	static const size_t lengths[] = { 0, 2, 3, 4, 6, 7, 8, 10, 11, 12 };

	for (size_t size = 1; size < COUNT(lengths); size++)
		for (int i = 0; i < 100; i++) {
			const char *text = random_text(arena, size);

			assert_int_equal(strlen(text), lengths[size]);
			assert_int_equal(strspn(text,
						"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
						"abcdefghijklmnopqrstuvwxyz"
						"0123456789-_"),
					 strlen(text));
		}
}

static void random_texts_differ(void)
{
	enum { MANY = 200 };
	const char *texts[MANY];

	for (int i = 0; i < MANY; i++) {
		texts[i] = random_text(arena, 24);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(texts[i], texts[k]);
	}
}

/* ---- the keys file ---- */

#define KEY_A "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define KEY_B "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="
#define SHORT_KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg=="
#define LONG_KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"

static struct keys_row {
	const char *name;
	const char *content;
	bool is_usable;
	int errors;
	const char *finding; /* in it */
} key_files[] = {
	{ "one key is enough", "a:" KEY_A "\n", true, 0, "" },
	{ "the last line needs no newline", "a:" KEY_A, true, 0, "" },
	{ "two keys are two", "a:" KEY_A "\nb:" KEY_B "\n", true, 0, "" },
	{ "blank lines and comments are passed over",
	  "\n# a:" KEY_B "\n\na:" KEY_A "\n\n", true, 0, "" },
	{ "an id has letters, digits, dashes and underscores",
	  "2024-05_Az:" KEY_A "\n", true, 0, "" },
	{ "an empty file has no key", "", false, 1, "no key" },
	{ "comments alone are no key", "# nothing\n", false, 1, "no key" },
	{ "a line needs a colon", KEY_A "\n", false, 2, "line 1" },
	{ "a line needs an id", ":" KEY_A "\n", false, 2, "line 1" },
	{ "an id has no blank", "a b:" KEY_A "\n", false, 2, "line 1" },
	{ "an id has no dot, which ends it in a sealed text", "a.b:" KEY_A "\n",
	  false, 2, "line 1" },
	{ "a key must not be missing", "a:\n", false, 2, "32 bytes" },
	{ "a key of 31 bytes is too short", "a:" SHORT_KEY "\n", false, 2,
	  "32 bytes" },
	{ "a key of 33 bytes is too long", "a:" LONG_KEY "\n", false, 2,
	  "32 bytes" },
	{ "a key is base64", "a:000102030405060708090a0b0c0d0e0f\n", false, 2,
	  "base64" },
	{ "a key needs its padding",
	  "a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n", false, 2,
	  "base64" },
	{ "an id must not come again", "a:" KEY_A "\na:" KEY_B "\n", true, 1,
	  "line 2" },
	{ "a wrong line does not cost the right one", "what\na:" KEY_A "\n",
	  true, 1, "line 1" },
	{ "a wrong line is counted with comments", "# c\n\na:" KEY_A "\nx\n",
	  true, 1, "line 4" },
	{ "each wrong line is named", "x\ny\na:" KEY_A "\n", true, 2,
	  "line 2" },
};

static void keys_file_is_as_expected(void **state)
{
	const struct keys_row *row = *state;
	const char *path = files_write("keys", row->content);
	struct sealing_keys *keys = sealing_keys_open(path, &findings);
	const char *found = unit_findings();

	sealing_keys_close(keys);
	assert_bool(keys, row->is_usable);
	assert_int_equal(findings.errors, row->errors);
	if (row->errors > 0)
		assert_contains(found, path);
	assert_contains(found, row->finding);
	assert_lacks(found, "AAECAwQF");
	assert_lacks(found, "ICEiIyQl");
	assert_lacks(found, "000102");
}

static struct mode_row {
	const char *name;
	mode_t mode;
	bool is_usable;
} modes[] = {
	{ "its owner may read and write", 0600, true },
	{ "its owner may only read", 0400, true },
	{ "its group may not read", 0640, false },
	{ "its group may not write", 0620, false },
	{ "others may not read", 0604, false },
	{ "nobody but its owner may read", 0644, false },
};

static void mode_is_as_expected(void **state)
{
	const struct mode_row *row = *state;
	const char *path = files_write("keys", "a:" KEY_A "\n");
	struct sealing_keys *keys;

	assert_int_equal(chmod(path, row->mode), 0);
	keys = sealing_keys_open(path, &findings);
	sealing_keys_close(keys);
	assert_bool(keys, row->is_usable);
	assert_int_equal(findings.errors, row->is_usable ? 0 : 1);
	if (!row->is_usable) {
		assert_contains(unit_findings(), path);
		assert_contains(unit_findings(), "chmod 600");
	}
	unlink(path);
}

static void a_long_comment_is_a_comment(void)
{
	const char *content =
		arena_printf(arena, "# %0*d\nwhat\na:%s\n", 2000, 7, KEY_A);
	struct sealing_keys *keys =
		sealing_keys_open(files_write("keys", content), &findings);

	sealing_keys_close(keys);
	assert_non_null(keys);
	assert_int_equal(findings.errors, 1);
	assert_contains(unit_findings(), "line 2");
}

static void a_missing_file_is_an_error(void)
{
	const char *path = files_path("missing");

	assert_null(sealing_keys_open(path, &findings));
	assert_int_equal(findings.errors, 1);
	assert_contains(unit_findings(), path);
}

static void closing_nothing_does_nothing(void)
{
	sealing_keys_close(NULL);
}

/* ---- sealing ---- */

static const struct sealing_place home = { SEALING_CONFIG, "resources", "row-1",
					   "config" };

static void close_keys(void *keys)
{
	sealing_keys_close(keys);
}

/* Keys that live as long as the test. */
static const struct sealing_keys *keys_of(const char *content)
{
	struct sealing_keys *keys =
		sealing_keys_open(files_write("keys", content), &findings);

	assert_non_null(keys);
	arena_defer(arena, close_keys, keys);
	return keys;
}

static struct seal_row {
	const char *name;
	const char *text;
} seals[] = {
	{ "an empty text opens", "" },
	{ "one character opens", "x" },
	{ "a text opens", "postgres://user:password@host/name" },
	{ "text beyond ASCII opens", "\xc3\xbc\xf0\x9f\x98\x80\n" },
	{ "JSON opens", "{\"config\":{\"FAST_DB_URL\":\"https://x\"}}" },
};

static void what_is_sealed_opens(void **state)
{
	const struct seal_row *row = *state;
	const struct sealing_keys *keys = keys_of("a:" KEY_A "\n");
	const char *sealed = sealing_seal(keys, arena, home, row->text);

	assert_text(sealing_open(keys, arena, home, sealed), row->text);
	if (strlen(row->text) > 3)
		assert_lacks(sealed, row->text);
}

static void a_long_text_opens(void)
{
	const struct sealing_keys *keys = keys_of("a:" KEY_A "\n");
	const char *text = arena_printf(arena, "%0*d", 300000, 7);
	const char *sealed = sealing_seal(keys, arena, home, text);

	assert_text(sealing_open(keys, arena, home, sealed), text);
}

static void nothing_is_sealed_as_nothing(void)
{
	assert_null(sealing_seal(keys_of("a:" KEY_A "\n"), arena, home, NULL));
}

static void the_form_is_as_the_header_says(void)
{
	const struct sealing_keys *keys = keys_of("2024-05:" KEY_A "\n");
	const char *sealed = sealing_seal(keys, arena, home, "text");
	const char *start = "1.2024-05.";

	assert_int_equal(strncmp(sealed, start, strlen(start)), 0);
	/* 12 bytes of nonce, 4 of ciphertext, 16 of tag */
	assert_int_equal(strlen(sealed), strlen(start) + 43);
	assert_int_equal(strspn(sealed + strlen(start),
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz0123456789-_"),
			 43);
}

static void two_seals_of_one_text_differ(void)
{
	const struct sealing_keys *keys = keys_of("a:" KEY_A "\n");
	const char *first = sealing_seal(keys, arena, home, "text");
	const char *second = sealing_seal(keys, arena, home, "text");

	assert_string_not_equal(first, second);
	/* In the nonce as in what follows it. */
	assert_int_not_equal(strncmp(first + 4, second + 4, 16), 0);
	assert_string_not_equal(first + 4 + 16, second + 4 + 16);
}

static struct place_row {
	const char *name;
	struct sealing_place place;
} places[] = {
	{ "a text moved to another row does not open",
	  { SEALING_CONFIG, "resources", "row-2", "config" } },
	{ "a text moved to another column does not open",
	  { SEALING_CONFIG, "resources", "row-1", "log_input_url" } },
	{ "a text moved to another table does not open",
	  { SEALING_CONFIG, "grants", "row-1", "config" } },
	{ "a text of another purpose does not open",
	  { SEALING_GRANT, "resources", "row-1", "config" } },
	{ "a text of yet another purpose does not open",
	  { SEALING_LOG_INPUT, "resources", "row-1", "config" } },
	{ "row and column do not run into each other",
	  { SEALING_CONFIG, "resources", "row-", "1config" } },
	{ "table and row do not run into each other",
	  { SEALING_CONFIG, "resourcesr", "ow-1", "config" } },
};

static void what_is_moved_does_not_open(void **state)
{
	const struct place_row *row = *state;
	const struct sealing_keys *keys = keys_of("a:" KEY_A "\n");
	const char *sealed = sealing_seal(keys, arena, home, "text");

	assert_null(sealing_open(keys, arena, row->place, sealed));
	sealed = sealing_seal(keys, arena, row->place, "text");
	assert_null(sealing_open(keys, arena, home, sealed));
	assert_text(sealing_open(keys, arena, row->place, sealed), "text");
}

/* Every other character of the alphabet at every place. */
static void assert_no_flip_opens(const struct sealing_keys *keys,
				 const char *text)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz"
				       "0123456789-_.=+/ ";
	char *sealed =
		arena_strdup(arena, sealing_seal(keys, arena, home, text));

	for (char *c = sealed; *c; c++) {
		char before = *c;

		for (const char *a = alphabet; *a; a++) {
			*c = *a;
			if (*a != before
			    && sealing_open(keys, arena, home, sealed))
				fail_msg("\"%s\" opens with %c for %c at %d",
					 text, *a, before, (int)(c - sealed));
		}
		*c = before;
	}
	assert_text(sealing_open(keys, arena, home, sealed), text);
}

/* Three lengths, since base64 has three kinds of ends. */
static void no_altered_text_opens(void)
{
	const struct sealing_keys *keys = keys_of("a:" KEY_A "\n");

	assert_no_flip_opens(keys, "ab");
	assert_no_flip_opens(keys, "abc");
	assert_no_flip_opens(keys, "abcd");
}

static void no_shortened_text_opens(void)
{
	const struct sealing_keys *keys = keys_of("a:" KEY_A "\n");
	const char *sealed = sealing_seal(keys, arena, home, "text");

	for (size_t length = 0; length < strlen(sealed); length++)
		assert_null(sealing_open(keys, arena, home,
					 arena_strndup(arena, sealed, length)));
}

static void no_lengthened_text_opens(void)
{
	const struct sealing_keys *keys = keys_of("a:" KEY_A "\n");
	const char *sealed = sealing_seal(keys, arena, home, "text");
	static const char *const tails[] = { "A", "AA", "AAA", "AAAA",
					     "=", "\n", ".",   " " };

	for (size_t i = 0; i < COUNT(tails); i++)
		assert_null(sealing_open(
			keys, arena, home,
			arena_printf(arena, "%s%s", sealed, tails[i])));
}

static struct forged_row {
	const char *name;
	const char *sealed;
} forgeds[] = {
	{ "an empty text does not open", "" },
	{ "a plain text does not open", "postgres://host" },
	{ "a version alone does not open", "1." },
	{ "a key alone does not open", "1.a." },
	{ "a key without its end does not open", "1.a" },
	{ "another version does not open",
	  "2.a.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
	{ "zeros do not open",
	  "1.a.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
	{ "a tag without its end does not open",
	  "1.a.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
};

static void what_is_forged_does_not_open(void **state)
{
	const struct forged_row *row = *state;

	assert_null(sealing_open(keys_of("a:" KEY_A "\n"), arena, home,
				 row->sealed));
}

/*
 * What is in a database must open for ever.  Made with Python's cryptography:
 * HKDF of KEY_A with SHA-256, no salt and the purpose as info; nonce 100 to
 * 111; "PURPOSE\nTABLE\nROW\nCOLUMN" as associated data.
 */
static struct kept_row {
	const char *name;
	struct sealing_place place;
	const char *sealed;
} kepts[] = {
	{ "a config sealed long ago opens",
	  { SEALING_CONFIG, "resources", "row-1", "config" },
	  "1.a.ZGVmZ2hpamtsbW5v_T1HnS9qZ5fUP-Nr5xQgfHfscrc" },
	{ "a log input sealed long ago opens",
	  { SEALING_LOG_INPUT, "resources", "row-1", "log_input_url" },
	  "1.a.ZGVmZ2hpamtsbW5vy2tj1BgYtk_M8zNTWRL5QyHrFFI" },
	{ "a grant sealed long ago opens",
	  { SEALING_GRANT, "grants", "row-1", "code" },
	  "1.a.ZGVmZ2hpamtsbW5vOg1l9Kq2lKcS-K4aacLxpFLV4Y4" },
};

static void what_was_sealed_long_ago_opens(void **state)
{
	const struct kept_row *row = *state;

	assert_text(sealing_open(keys_of("a:" KEY_A "\n"), arena, row->place,
				 row->sealed),
		    "text");
}

/* ---- rotation ---- */

static void the_first_key_seals(void)
{
	const char *sealed = sealing_seal(keys_of("b:" KEY_B "\na:" KEY_A "\n"),
					  arena, home, "text");

	assert_int_equal(strncmp(sealed, "1.b.", 4), 0);
}

static void every_key_opens(void)
{
	const struct sealing_keys *before = keys_of("a:" KEY_A "\n");
	const char *sealed = sealing_seal(before, arena, home, "text");
	const struct sealing_keys *after =
		keys_of("b:" KEY_B "\na:" KEY_A "\n");

	assert_text(sealing_open(after, arena, home, sealed), "text");
	assert_text(sealing_open(after, arena, home,
				 sealing_seal(after, arena, home, "new")),
		    "new");
}

static void a_removed_key_does_not_open(void)
{
	const struct sealing_keys *before = keys_of("a:" KEY_A "\n");
	const char *sealed = sealing_seal(before, arena, home, "text");

	assert_null(
		sealing_open(keys_of("b:" KEY_B "\n"), arena, home, sealed));
}

static void a_removed_key_is_logged_without_the_secret(void)
{
	const char *sealed =
		sealing_seal(keys_of("a:" KEY_A "\n"), arena, home, "text");
	const struct sealing_keys *after = keys_of("b:" KEY_B "\n");
	const char *path = files_path("log");
	const char *log;

	assert_true(log_to(path));
	sealing_open(after, arena, home, sealed);
	assert_true(log_to("/dev/null"));
	log = files_read(path);
	assert_contains(log, "level=error");
	assert_contains(log, "row-1");
	assert_lacks(log, sealed + 4);
}

static void another_key_of_the_same_id_does_not_open(void)
{
	const struct sealing_keys *before = keys_of("a:" KEY_A "\n");
	const char *sealed = sealing_seal(before, arena, home, "text");

	assert_null(
		sealing_open(keys_of("a:" KEY_B "\n"), arena, home, sealed));
}

static struct unit_check checks[] = {
	{ "bytes become base64url", bytes_become_base64url },
	{ "random texts are base64url without padding",
	  random_texts_are_base64url },
	{ "random texts differ", random_texts_differ },
	{ "a long comment in the keys file is a comment",
	  a_long_comment_is_a_comment },
	{ "a missing keys file is an error", a_missing_file_is_an_error },
	{ "closing no keys does nothing", closing_nothing_does_nothing },
	{ "a long text opens", a_long_text_opens },
	{ "nothing is sealed as nothing", nothing_is_sealed_as_nothing },
	{ "a sealed text has version, key and base64url",
	  the_form_is_as_the_header_says },
	{ "two seals of one text differ", two_seals_of_one_text_differ },
	{ "no altered text opens, wherever it is altered",
	  no_altered_text_opens },
	{ "no shortened text opens", no_shortened_text_opens },
	{ "no lengthened text opens", no_lengthened_text_opens },
	{ "the first key seals", the_first_key_seals },
	{ "every key opens", every_key_opens },
	{ "a removed key does not open", a_removed_key_does_not_open },
	{ "a removed key is logged without the secret",
	  a_removed_key_is_logged_without_the_secret },
	{ "another key of the same id does not open",
	  another_key_of_the_same_id_does_not_open },
};

int main(void)
{
	(void)!log_to("/dev/null"); /* what does not open is logged */
	UNIT_ROWS(equals, equality_is_as_expected);
	UNIT_ROWS(digests, digest_is_as_expected);
	UNIT_ROWS(old_digests, old_digest_is_as_expected);
	UNIT_ROWS(base64s, base64_is_as_expected);
	UNIT_ROWS(key_files, keys_file_is_as_expected);
	UNIT_ROWS(modes, mode_is_as_expected);
	UNIT_ROWS(seals, what_is_sealed_opens);
	UNIT_ROWS(places, what_is_moved_does_not_open);
	UNIT_ROWS(kepts, what_was_sealed_long_ago_opens);
	UNIT_ROWS(forgeds, what_is_forged_does_not_open);
	UNIT_CHECKS(checks);
	return unit_run("secret");
}
