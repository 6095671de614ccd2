#include "unit.h"

#include "lib/text/number.h"

enum { LEFT_ALONE = -77 };

/* ---- numbers ---- */

static struct number_row {
	const char *name;
	const char *text;
	int64_t least, most;
	int64_t expected; /* LEFT_ALONE: the text is refused */
} numbers[] = {
	{ "a digit is a number", "7", 0, 9, 7 },
	{ "zero is a number", "0", 0, 9, 0 },
	{ "the least is accepted", "3", 3, 9, 3 },
	{ "the most is accepted", "9", 3, 9, 9 },
	{ "less than the least is refused", "2", 3, 9, LEFT_ALONE },
	{ "more than the most is refused", "10", 3, 9, LEFT_ALONE },
	{ "leading zeros are ignored", "007", 0, 9, 7 },
	{ "eighteen digits are accepted", "999999999999999999", 0, INT64_MAX,
	  INT64_C(999999999999999999) },
	{ "nineteen digits are refused", "1000000000000000000", 0, INT64_MAX,
	  LEFT_ALONE },
	{ "nineteen zeros are refused", "0000000000000000000", 0, 9,
	  LEFT_ALONE },
	{ "what would overflow is refused", "18446744073709551617", 0, 9,
	  LEFT_ALONE },
	{ "a negative number is accepted where it may be", "-7", -9, 9, -7 },
	{ "a negative number is refused elsewhere", "-7", 0, 9, LEFT_ALONE },
	{ "minus zero is refused where numbers are positive", "-0", 0, 9,
	  LEFT_ALONE },
	{ "a minus alone is refused", "-", -9, 9, LEFT_ALONE },
	{ "two minus signs are refused", "--7", -9, 9, LEFT_ALONE },
	{ "a plus is refused", "+7", -9, 9, LEFT_ALONE },
	{ "an empty text is refused", "", 0, 9, LEFT_ALONE },
	{ "NULL is refused", NULL, 0, 9, LEFT_ALONE },
	{ "a blank before is refused", " 7", 0, 9, LEFT_ALONE },
	{ "a blank after the unit is refused", "7 ", 0, 9, LEFT_ALONE },
	{ "a line break after is refused", "7\n", 0, 9, LEFT_ALONE },
	{ "a fraction is refused", "7.0", 0, 9, LEFT_ALONE },
	{ "an exponent is refused", "1e3", 0, 9999, LEFT_ALONE },
	{ "hexadecimal digits are refused", "0x7", 0, 9, LEFT_ALONE },
	{ "a digit outside ASCII is refused", "\xd9\xa7", 0, 9, LEFT_ALONE },
};

static void number_is_as_expected(void **state)
{
	const struct number_row *row = *state;
	int64_t number = LEFT_ALONE;

	assert_bool(number_read(row->text, row->least, row->most, &number),
		    row->expected != LEFT_ALONE);
	assert_int_equal(number, row->expected);
}

static void an_int_is_read_like_a_number(void)
{
	int number = LEFT_ALONE;

	assert_false(number_read_int("1000", 1, 999, &number));
	assert_int_equal(number, LEFT_ALONE);
	assert_true(number_read_int("999", 1, 999, &number));
	assert_int_equal(number, 999);
}

/* ---- seconds ---- */

static struct seconds_row {
	const char *name;
	const char *text;
	int64_t expected;
} seconds[] = {
	{ "a fraction has milliseconds", "1700000000.123",
	  INT64_C(1700000000123) },
	{ "a fraction may be short", "1.5", 1500 },
	{ "a fraction may be empty", "1.", 1000 },
	{ "a fraction may be missing", "1", 1000 },
	{ "a fourth decimal is dropped", "1.2349", 1234 },
	{ "twelve digits are accepted", "999999999999.999",
	  INT64_C(999999999999999) },
	{ "thirteen digits are refused", "1000000000000", LEFT_ALONE },
	{ "a fraction alone is refused", ".5", LEFT_ALONE },
	{ "two fractions are refused", "1.5.5", LEFT_ALONE },
	{ "a sign is refused", "-1", LEFT_ALONE },
	{ "infinity is refused", "inf", LEFT_ALONE },
	{ "an exponent is refused", "1e3", LEFT_ALONE },
	{ "a word after it is refused", "1.5s", LEFT_ALONE },
	{ "an empty text is refused", "", LEFT_ALONE },
	{ "NULL is refused", NULL, LEFT_ALONE },
};

static void seconds_are_as_expected(void **state)
{
	const struct seconds_row *row = *state;
	int64_t milliseconds = LEFT_ALONE;

	assert_bool(number_read_seconds(row->text, &milliseconds),
		    row->expected != LEFT_ALONE);
	assert_int_equal(milliseconds, row->expected);
}

/* ---- durations ---- */

static struct duration_row {
	const char *name;
	const char *text;
	int64_t expected; /* LEFT_ALONE: the text is refused */
} durations[] = {
	{ "seconds are a duration", "25s", 25000 },
	{ "minutes are a duration", "2min", 120000 },
	{ "hours are a duration", "1h", 3600000 },
	{ "a day is so many hours", "24h", 86400000 },
	{ "NULL is not a duration", NULL, LEFT_ALONE },
	{ "leading zeros are ignored", "0025s", 25000 },
	{ "six digits are a duration", "999999h", INT64_C(3599996400000) },
	{ "seven digits are refused", "1000000s", LEFT_ALONE },
	{ "a duration of zero is refused", "0s", LEFT_ALONE },
	{ "several zeros are refused", "000h", LEFT_ALONE },
	{ "an empty text is refused", "", LEFT_ALONE },
	{ "a number needs its unit", "25", LEFT_ALONE },
	{ "a unit needs its number", "s", LEFT_ALONE },
	{ "m is not a unit", "2m", LEFT_ALONE },
	{ "ms is not a unit", "25ms", LEFT_ALONE },
	{ "days", "30d", 30LL * 24 * 3600 * 1000 },
	{ "weeks are not a unit", "1w", LEFT_ALONE },
	{ "capitals are not a unit", "25S", LEFT_ALONE },
	{ "a written out unit is refused", "25sec", LEFT_ALONE },
	{ "a fraction is refused", "2.5s", LEFT_ALONE },
	{ "a sign is refused", "-25s", LEFT_ALONE },
	{ "a plus is refused", "+25s", LEFT_ALONE },
	{ "a blank between is refused", "25 s", LEFT_ALONE },
	{ "a blank before is refused", " 25s", LEFT_ALONE },
	{ "a blank after the unit is refused", "25s ", LEFT_ALONE },
	{ "two of them are refused", "1h30min", LEFT_ALONE },
	{ "hexadecimal digits are refused", "0x10s", LEFT_ALONE },
	{ "more than a number can hold is refused", "99999999999999999999h",
	  LEFT_ALONE },
	{ "what overflows only as milliseconds is refused",
	  "9223372036854775807h", LEFT_ALONE },
};

static void duration_is_as_expected(void **state)
{
	const struct duration_row *row = *state;
	int64_t duration = LEFT_ALONE;

	assert_bool(number_read_duration(row->text, &duration),
		    row->expected != LEFT_ALONE);
	assert_int_equal(duration, row->expected);
}

static struct unit_check checks[] = {
	{ "an int is read like a number", an_int_is_read_like_a_number },
};

int main(void)
{
	UNIT_ROWS(numbers, number_is_as_expected);
	UNIT_ROWS(seconds, seconds_are_as_expected);
	UNIT_ROWS(durations, duration_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("number");
}
