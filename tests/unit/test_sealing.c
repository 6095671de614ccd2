#include "keys.h"

#include "lib/base/log.h"
#include "lib/crypto/sealing.h"

static const struct sealing_place home = { SEALING_CONFIG, "resources", "row-1",
					   "config", NULL };

static struct seal_row {
	const char *name;
	const char *text;
} seals[] = {
	{ "an empty text opens", "" },
	{ "one character opens", "x" },
	{ "a text opens", "postgres://user:password@host/name" },
	{ "text with non-ASCII characters opens",
	  "\xc3\xbc\xf0\x9f\x98\x80\n" },
	{ "JSON opens", "{\"config\":{\"FAST_DB_URL\":\"https://x\"}}" },
};

static void what_is_sealed_opens(void **state)
{
	const struct seal_row *row = *state;
	const struct sealing_keys *keys = keys_open("a:" KEYS_A "\n");
	const char *sealed = sealing_seal(keys, arena, home, row->text);

	assert_text(sealing_open(keys, arena, home, sealed), row->text);
	if (strlen(row->text) > 3)
		assert_lacks(sealed, row->text);
}

static void a_long_text_opens(void)
{
	const struct sealing_keys *keys = keys_open("a:" KEYS_A "\n");
	const char *text = arena_printf(arena, "%0*d", 300000, 7);
	const char *sealed = sealing_seal(keys, arena, home, text);

	assert_text(sealing_open(keys, arena, home, sealed), text);
}

static void nothing_is_sealed_as_nothing(void)
{
	assert_null(
		sealing_seal(keys_open("a:" KEYS_A "\n"), arena, home, NULL));
}

static void the_form_is_as_the_header_says(void)
{
	const struct sealing_keys *keys = keys_open("2024-05:" KEYS_A "\n");
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
	const struct sealing_keys *keys = keys_open("a:" KEYS_A "\n");
	const char *first = sealing_seal(keys, arena, home, "text");
	const char *second = sealing_seal(keys, arena, home, "text");

	assert_string_not_equal(first, second);
	/* Both the nonce and the rest differ. */
	assert_int_not_equal(strncmp(first + 4, second + 4, 16), 0);
	assert_string_not_equal(first + 4 + 16, second + 4 + 16);
}

static struct place_row {
	const char *name;
	struct sealing_place place;
} places[] = {
	{ "a text moved to another row does not open",
	  { SEALING_CONFIG, "resources", "row-2", "config", NULL } },
	{ "a text moved to another column does not open",
	  { SEALING_CONFIG, "resources", "row-1", "log_input_url", NULL } },
	{ "a text moved to another table does not open",
	  { SEALING_CONFIG, "grants", "row-1", "config", NULL } },
	{ "a text of another purpose does not open",
	  { SEALING_GRANT, "resources", "row-1", "config", NULL } },
	{ "a text of yet another purpose does not open",
	  { SEALING_LOG_INPUT, "resources", "row-1", "config", NULL } },
	{ "row and column do not run into each other",
	  { SEALING_CONFIG, "resources", "row-", "1config", NULL } },
	{ "a text whose row was given to an owner does not open",
	  { SEALING_CONFIG, "resources", "row-1", "config", "" } },
	{ "column and owner do not run into each other",
	  { SEALING_CONFIG, "resources", "row-1", "con", "fig" } },
	{ "table and row do not run into each other",
	  { SEALING_CONFIG, "resourcesr", "ow-1", "config", NULL } },
};

static void what_is_moved_does_not_open(void **state)
{
	const struct place_row *row = *state;
	const struct sealing_keys *keys = keys_open("a:" KEYS_A "\n");
	const char *sealed = sealing_seal(keys, arena, home, "text");

	assert_null(sealing_open(keys, arena, row->place, sealed));
	sealed = sealing_seal(keys, arena, row->place, "text");
	assert_null(sealing_open(keys, arena, home, sealed));
	assert_text(sealing_open(keys, arena, row->place, sealed), "text");
}

static void a_text_given_to_another_owner_does_not_open(void)
{
	const struct sealing_keys *keys = keys_open("a:" KEYS_A "\n");
	struct sealing_place place = home;
	const char *sealed;

	place.owner = "a";
	sealed = sealing_seal(keys, arena, place, "text");
	assert_text(sealing_open(keys, arena, place, sealed), "text");
	place.owner = "b";
	assert_null(sealing_open(keys, arena, place, sealed));
}

/* Replace each character with every other one. */
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

/* base64 ends in three ways, depending on the length. */
static void no_altered_text_opens(void)
{
	const struct sealing_keys *keys = keys_open("a:" KEYS_A "\n");

	assert_no_flip_opens(keys, "ab");
	assert_no_flip_opens(keys, "abc");
	assert_no_flip_opens(keys, "abcd");
}

static void no_shortened_text_opens(void)
{
	const struct sealing_keys *keys = keys_open("a:" KEYS_A "\n");
	const char *sealed = sealing_seal(keys, arena, home, "text");

	for (size_t length = 0; length < strlen(sealed); length++)
		assert_null(sealing_open(keys, arena, home,
					 arena_strndup(arena, sealed, length)));
}

static void no_lengthened_text_opens(void)
{
	const struct sealing_keys *keys = keys_open("a:" KEYS_A "\n");
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

	assert_null(sealing_open(keys_open("a:" KEYS_A "\n"), arena, home,
				 row->sealed));
}

/*
 * Values in a database must remain readable.  These were created with Python's
 * cryptography: HKDF of KEYS_A with SHA-256, no salt and the purpose as info;
 * nonce 100 to 111; "PURPOSE\nTABLE\nROW\nCOLUMN", and "\nOWNER" if
 * there is one, as associated data.
 */
static struct kept_row {
	const char *name;
	struct sealing_place place;
	const char *sealed;
} kepts[] = {
	{ "a config sealed long ago opens",
	  { SEALING_CONFIG, "resources", "row-1", "config", NULL },
	  "1.a.ZGVmZ2hpamtsbW5v_T1HnS9qZ5fUP-Nr5xQgfHfscrc" },
	{ "a config sealed long ago for an owner opens",
	  { SEALING_CONFIG, "resources", "row-1", "config",
	    "6:heroku,7:fast-db,-,4:id-1," },
	  "1.a.ZGVmZ2hpamtsbW5v_T1HnUNy3zo9gv-mJOOkSdYdgcc" },
	{ "a log input sealed long ago opens",
	  { SEALING_LOG_INPUT, "resources", "row-1", "log_input_url", NULL },
	  "1.a.ZGVmZ2hpamtsbW5vy2tj1BgYtk_M8zNTWRL5QyHrFFI" },
	{ "a grant sealed long ago opens",
	  { SEALING_GRANT, "grants", "row-1", "code", NULL },
	  "1.a.ZGVmZ2hpamtsbW5vOg1l9Kq2lKcS-K4aacLxpFLV4Y4" },
};

static void what_was_sealed_long_ago_opens(void **state)
{
	const struct kept_row *row = *state;

	assert_text(sealing_open(keys_open("a:" KEYS_A "\n"), arena, row->place,
				 row->sealed),
		    "text");
}

/* ---- rotation ---- */

static void the_first_key_seals(void)
{
	const char *sealed = sealing_seal(
		keys_open("b:" KEYS_B "\na:" KEYS_A "\n"), arena, home, "text");

	assert_int_equal(strncmp(sealed, "1.b.", 4), 0);
}

static void every_key_opens(void)
{
	const struct sealing_keys *before = keys_open("a:" KEYS_A "\n");
	const char *sealed = sealing_seal(before, arena, home, "text");
	const struct sealing_keys *after =
		keys_open("b:" KEYS_B "\na:" KEYS_A "\n");

	assert_text(sealing_open(after, arena, home, sealed), "text");
	assert_text(sealing_open(after, arena, home,
				 sealing_seal(after, arena, home, "new")),
		    "new");
}

static void a_removed_key_does_not_open(void)
{
	const struct sealing_keys *before = keys_open("a:" KEYS_A "\n");
	const char *sealed = sealing_seal(before, arena, home, "text");

	assert_null(
		sealing_open(keys_open("b:" KEYS_B "\n"), arena, home, sealed));
}

static void a_removed_key_is_logged_without_the_secret(void)
{
	const char *sealed =
		sealing_seal(keys_open("a:" KEYS_A "\n"), arena, home, "text");
	const struct sealing_keys *after = keys_open("b:" KEYS_B "\n");
	const char *path = files_path("log");
	const char *log;

	assert_true(log_to(path));
	assert_null(sealing_open(after, arena, home, sealed));
	assert_true(log_to("/dev/null"));
	log = files_read(path);
	assert_contains(log, "level=error");
	assert_contains(log, "row-1");
	assert_lacks(log, sealed + 4);
}

static void another_key_of_the_same_id_does_not_open(void)
{
	const struct sealing_keys *before = keys_open("a:" KEYS_A "\n");
	const char *sealed = sealing_seal(before, arena, home, "text");

	assert_null(
		sealing_open(keys_open("a:" KEYS_B "\n"), arena, home, sealed));
}

static struct unit_check checks[] = {
	{ "a long text opens", a_long_text_opens },
	{ "NULL is sealed as NULL", nothing_is_sealed_as_nothing },
	{ "a sealed text has version, key and base64url",
	  the_form_is_as_the_header_says },
	{ "two seals of one text differ", two_seals_of_one_text_differ },
	{ "a text given to another owner does not open",
	  a_text_given_to_another_owner_does_not_open },
	{ "no altered text opens, wherever it is altered",
	  no_altered_text_opens },
	{ "no shortened text opens", no_shortened_text_opens },
	{ "no lengthened text opens", no_lengthened_text_opens },
	{ "the first key seals", the_first_key_seals },
	{ "every key opens", every_key_opens },
	{ "without its key, a text does not open",
	  a_removed_key_does_not_open },
	{ "a removed key is logged without the secret",
	  a_removed_key_is_logged_without_the_secret },
	{ "another key of the same id does not open",
	  another_key_of_the_same_id_does_not_open },
};

int main(void)
{
	(void)!log_to("/dev/null"); /* failures are logged */
	UNIT_ROWS(seals, what_is_sealed_opens);
	UNIT_ROWS(places, what_is_moved_does_not_open);
	UNIT_ROWS(kepts, what_was_sealed_long_ago_opens);
	UNIT_ROWS(forgeds, what_is_forged_does_not_open);
	UNIT_CHECKS(checks);
	return unit_run("sealing");
}
