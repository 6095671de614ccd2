#include "keys.h"

#include "lib/crypto/sealing_keys.h"

#define SHORT_KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg=="
#define LONG_KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"

static struct keys_row {
	const char *name;
	const char *content;
	bool is_usable;
	int errors;
	const char *finding; /* a part of the findings */
} key_files[] = {
	{ "one key is enough", "a:" KEYS_A "\n", true, 0, "" },
	{ "the last line needs no newline", "a:" KEYS_A, true, 0, "" },
	{ "two keys are two", "a:" KEYS_A "\nb:" KEYS_B "\n", true, 0, "" },
	{ "blank lines and comments are skipped",
	  "\n# a:" KEYS_B "\n\na:" KEYS_A "\n\n", true, 0, "" },
	{ "an id has letters, digits, dashes and underscores",
	  "2024-05_Az:" KEYS_A "\n", true, 0, "" },
	{ "an empty file has no key", "", false, 1, "no key" },
	{ "a file with only comments has no key", "# nothing\n", false, 1,
	  "no key" },
	{ "a line needs a colon", KEYS_A "\n", false, 2, "line 1" },
	{ "a line needs an id", ":" KEYS_A "\n", false, 2, "line 1" },
	{ "an id has no blank", "a b:" KEYS_A "\n", false, 2, "line 1" },
	{ "an id has no dot, which ends it in a sealed text",
	  "a.b:" KEYS_A "\n", false, 2, "line 1" },
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
	{ "an id must not come again", "a:" KEYS_A "\na:" KEYS_B "\n", true, 1,
	  "line 2" },
	{ "a wrong line does not cost the right one", "what\na:" KEYS_A "\n",
	  true, 1, "line 1" },
	{ "a wrong line is counted with comments", "# c\n\na:" KEYS_A "\nx\n",
	  true, 1, "line 4" },
	{ "each wrong line is named", "x\ny\na:" KEYS_A "\n", true, 2,
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

static struct day_row {
	const char *name;
	const char *id;
	int day; /* since 1970 */
} days[] = {
	{ "an id with a date has a day", "k19700102", 1 },
	{ "an id with a date and a number has one", "k19700102-2", 1 },
	{ "another id has none", "winter", 0 },
	{ "an id with a longer number has none", "k197001021", 0 },
	{ "an id with a shorter number has none", "k1970012", 0 },
	{ "a month that does not exist has none", "k19701302", 0 },
};

static void day_is_as_expected(void **state)
{
	const struct day_row *row = *state;

	assert_int_equal(sealing_keys_day(row->id), row->day * 24 * 3600);
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
	{ "group and others may not read", 0644, false },
};

static void mode_is_as_expected(void **state)
{
	const struct mode_row *row = *state;
	const char *path = files_write("keys", "a:" KEYS_A "\n");
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
		arena_printf(arena, "# %0*d\nwhat\na:%s\n", 2000, 7, KEYS_A);
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

static struct unit_check checks[] = {
	{ "a long comment in the keys file is a comment",
	  a_long_comment_is_a_comment },
	{ "a missing keys file is an error", a_missing_file_is_an_error },
	{ "closing no keys does nothing", closing_nothing_does_nothing },
};

int main(void)
{
	UNIT_ROWS(key_files, keys_file_is_as_expected);
	UNIT_ROWS(days, day_is_as_expected);
	UNIT_ROWS(modes, mode_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("sealing_keys");
}
