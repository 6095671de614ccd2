#include "unit.h"

#include "lib/text/uuid.h"

#define PROPER "01234567-89ab-cdef-0123-456789abcdef"

static struct uuid_row {
	const char *name;
	const char *text;
	const char *expected; /* NULL: refused */
} rows[] = {
	{ "the canonical form stays as it is", PROPER, PROPER },
	{ "capitals become small", "01234567-89AB-CDEF-0123-456789ABCDEF",
	  PROPER },
	{ "mixed case becomes small", "01234567-89aB-CdEf-0123-456789AbcDEF",
	  PROPER },
	{ "the nil UUID is one", "00000000-0000-0000-0000-000000000000",
	  "00000000-0000-0000-0000-000000000000" },
	{ "no version is preferred", "ffffffff-ffff-ffff-ffff-ffffffffffff",
	  "ffffffff-ffff-ffff-ffff-ffffffffffff" },
	{ "an empty text is refused", "", NULL },
	{ "braces make it none", "{" PROPER "}", NULL },
	{ "a leading blank makes it none", " " PROPER, NULL },
	{ "a trailing blank makes it none", PROPER " ", NULL },
	{ "a trailing newline makes it none", PROPER "\n", NULL },
	{ "the dashless form is refused", "0123456789abcdef0123456789abcdef",
	  NULL },
	{ "the URN form is refused", "urn:uuid:" PROPER, NULL },
	{ "one digit less makes it none", "01234567-89ab-cdef-0123-456789abcde",
	  NULL },
	{ "one digit more makes it none", PROPER "0", NULL },
	{ "a g is not a digit", "g1234567-89ab-cdef-0123-456789abcdef", NULL },
	{ "a misplaced first dash makes it none",
	  "0123456-789ab-cdef-0123-456789abcdef", NULL },
	{ "a misplaced last dash makes it none",
	  "01234567-89ab-cdef-01234-56789abcdef", NULL },
	{ "a digit for the second dash makes it none",
	  "01234567-89ab0cdef-0123-456789abcdef", NULL },
	{ "a digit for the third dash makes it none",
	  "01234567-89ab-cdef00123-456789abcdef", NULL },
	{ "underscores are not dashes", "01234567_89ab_cdef_0123_456789abcdef",
	  NULL },
	{ "non-ASCII letters are not digits",
	  "\xc3\xa9"
	  "234567-89ab-cdef-0123-456789abcdef",
	  NULL },
};

static void form_is_as_expected(void **state)
{
	const struct uuid_row *row = *state;
	char uuid[UUID_LENGTH + 1] = "left alone";

	assert_bool(uuid_read(row->text, uuid), row->expected);
	assert_string_equal(uuid, row->expected ? row->expected : "left alone");
}

static void random_ones_are_valid(void)
{
	char made[UUID_LENGTH + 1], read[UUID_LENGTH + 1];

	for (int i = 0; i < 1000; i++) {
		uuid_random(made);
		assert_true(uuid_read(made, read));
		assert_string_equal(made, read);
		assert_int_equal(made[14], '4');
		assert_non_null(strchr("89ab", made[19]));
	}
}

static void random_ones_differ_everywhere(void)
{
	char first[UUID_LENGTH + 1], next[UUID_LENGTH + 1];
	bool differs[UUID_LENGTH] = { false };

	uuid_random(first);
	for (int i = 0; i < 1000; i++) {
		uuid_random(next);
		assert_string_not_equal(first, next);
		for (int k = 0; k < UUID_LENGTH; k++)
			differs[k] |= first[k] != next[k];
	}
	for (int k = 0; k < UUID_LENGTH; k++)
		if (!differs[k])
			assert_true(first[k] == '-' || k == 14);
}

static struct beginning_row {
	const char *name;
	const char *text;
	const char *first, *last; /* NULL: no UUID begins so */
} beginning_rows[] = {
	{ "every UUID begins with nothing", "",
	  "00000000-0000-0000-0000-000000000000",
	  "ffffffff-ffff-ffff-ffff-ffffffffffff" },
	{ "some begin with digits", "01a",
	  "01a00000-0000-0000-0000-000000000000",
	  "01afffff-ffff-ffff-ffff-ffffffffffff" },
	{ "a beginning may end with a dash", "01234567-",
	  "01234567-0000-0000-0000-000000000000",
	  "01234567-ffff-ffff-ffff-ffffffffffff" },
	{ "a beginning may end after one", "01234567-8",
	  "01234567-8000-0000-0000-000000000000",
	  "01234567-8fff-ffff-ffff-ffffffffffff" },
	{ "capitals become small", "A", "a0000000-0000-0000-0000-000000000000",
	  "afffffff-ffff-ffff-ffff-ffffffffffff" },
	{ "a UUID begins with itself", PROPER, PROPER, PROPER },
	{ "none has a dash elsewhere", "0123-", NULL, NULL },
	{ "none lacks a dash", "012345678", NULL, NULL },
	{ "none has a g", "g", NULL, NULL },
	{ "none has a digit more", PROPER "0", NULL, NULL },
};

static void beginning_is_as_expected(void **state)
{
	const struct beginning_row *row = *state;
	char first[UUID_LENGTH + 1], last[UUID_LENGTH + 1];

	assert_bool(uuid_read_beginning(row->text, first, last), row->first);
	if (!row->first)
		return;
	assert_string_equal(first, row->first);
	assert_string_equal(last, row->last);
}

static struct unit_check checks[] = {
	{ "random UUIDs are canonical and of version 4",
	  random_ones_are_valid },
	{ "random UUIDs differ in every digit", random_ones_differ_everywhere },
};

int main(void)
{
	UNIT_ROWS(rows, form_is_as_expected);
	UNIT_ROWS(beginning_rows, beginning_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("uuid");
}
