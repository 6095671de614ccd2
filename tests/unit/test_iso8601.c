#include "unit.h"

#include "lib/text/iso8601.h"

enum { LEFT_ALONE = -77 };

/* The seconds are those of date -d TEXT +%s. */
static struct moment_row {
	const char *name;
	const char *text;
	int64_t expected; /* LEFT_ALONE: the text is refused */
} rows[] = {
	{ "an offset without a colon is read, as Heroku writes it",
	  "2016-03-03T18:01:31-0800", 1457056891 },
	{ "an offset with a colon is read", "2016-03-03T18:01:31-08:00",
	  1457056891 },
	{ "an offset of hours alone is read", "2016-03-03T18:01:31-08",
	  1457056891 },
	{ "an offset to the east is subtracted", "2016-03-03T18:01:31+05:30",
	  1457008291 },
	{ "an offset has minutes to the west too", "2016-03-03T18:01:31-03:30",
	  1457040691 },
	{ "Z means no offset", "2016-03-03T18:01:31Z", 1457028091 },
	{ "a zero offset means no offset", "2016-03-03T18:01:31+00:00",
	  1457028091 },
	{ "a small t is a T", "2016-03-03t18:01:31Z", 1457028091 },
	{ "a blank is a T", "2016-03-03 18:01:31Z", 1457028091 },
	{ "a fraction is dropped", "2016-03-03T18:01:31.999Z", 1457028091 },
	{ "a long fraction is dropped",
	  "2016-03-03T18:01:31.123456789012345678901234567890Z", 1457028091 },
	{ "the epoch is zero", "1970-01-01T00:00:00Z", 0 },
	{ "before the epoch is negative", "1969-12-31T23:59:59Z", -1 },
	{ "times after 2038 are accepted", "2038-01-19T03:14:08Z",
	  INT64_C(2147483648) },
	{ "a leap day is a day", "2024-02-29T00:00:00Z", 1709164800 },
	{ "2000 was a leap year", "2000-02-29T00:00:00Z", 951782400 },
	{ "the last second of a year is one", "2023-12-31T23:59:59Z",
	  1704067199 },
	{ "a 29th of February needs a leap year", "2023-02-29T00:00:00Z",
	  LEFT_ALONE },
	{ "1900 was none", "1900-02-29T00:00:00Z", LEFT_ALONE },
	{ "April has 30 days", "2023-04-31T00:00:00Z", LEFT_ALONE },
	{ "no month has 32 days", "2023-01-32T00:00:00Z", LEFT_ALONE },
	{ "day 0 does not exist", "2023-01-00T00:00:00Z", LEFT_ALONE },
	{ "month 0 does not exist", "2023-00-10T00:00:00Z", LEFT_ALONE },
	{ "month 13 does not exist", "2023-13-10T00:00:00Z", LEFT_ALONE },
	{ "hour 24 does not exist", "2023-01-01T24:00:00Z", LEFT_ALONE },
	{ "minute 60 does not exist", "2023-01-01T00:60:00Z", LEFT_ALONE },
	{ "second 61 does not exist", "2023-01-01T00:00:61Z", LEFT_ALONE },
	{ "an offset of 24 hours is refused", "2023-01-01T00:00:00+24:00",
	  LEFT_ALONE },
	{ "an offset of 60 minutes is refused", "2023-01-01T00:00:00+00:60",
	  LEFT_ALONE },
	{ "an empty text is refused", "", LEFT_ALONE },
	{ "a date alone is refused", "2016-03-03", LEFT_ALONE },
	{ "a time needs seconds", "2016-03-03T18:01Z", LEFT_ALONE },
	{ "a time needs an offset", "2016-03-03T18:01:31", LEFT_ALONE },
	{ "a fraction needs digits", "2016-03-03T18:01:31.Z", LEFT_ALONE },
	{ "a sign needs an offset", "2016-03-03T18:01:31+", LEFT_ALONE },
	{ "an offset of one digit is refused", "2016-03-03T18:01:31+8",
	  LEFT_ALONE },
	{ "an offset of three digits is refused", "2016-03-03T18:01:31+080",
	  LEFT_ALONE },
	{ "a colon needs minutes", "2016-03-03T18:01:31+08:", LEFT_ALONE },
	{ "a zone has no name", "2016-03-03T18:01:31 UTC", LEFT_ALONE },
	{ "a leading blank is refused", " 2016-03-03T18:01:31Z", LEFT_ALONE },
	{ "a trailing blank is refused", "2016-03-03T18:01:31Z ", LEFT_ALONE },
	{ "a trailing newline is refused", "2016-03-03T18:01:31Z\n",
	  LEFT_ALONE },
	{ "the basic form is refused", "20160303T180131Z", LEFT_ALONE },
	{ "slashes are refused", "2016/03/03T18:01:31Z", LEFT_ALONE },
	{ "a short year is refused", "216-03-03T18:01:31Z", LEFT_ALONE },
	{ "a long year is refused", "12016-03-03T18:01:31Z", LEFT_ALONE },
	{ "a signed year is refused", "-2016-03-03T18:01:31Z", LEFT_ALONE },
	{ "a short month is refused", "2016-3-03T18:01:31Z", LEFT_ALONE },
	{ "seconds since 1970 are refused", "1457056891", LEFT_ALONE },
	{ "words are refused", "tomorrow", LEFT_ALONE },
};

static void moment_is_as_expected(void **state)
{
	const struct moment_row *row = *state;
	int64_t seconds = LEFT_ALONE;

	assert_bool(iso8601_read(row->text, &seconds),
		    row->expected != LEFT_ALONE);
	assert_int_equal(seconds, row->expected);
}

static void the_hosts_zone_does_not_matter(void)
{
	static const char *const zones[] = { "UTC0", "PST8PDT,M3.2.0,M11.1.0",
					     "NZST-12NZDT,M9.5.0,M4.1.0/3" };
	int64_t seconds;

	for (size_t i = 0; i < COUNT(zones); i++) {
		setenv("TZ", zones[i], 1);
		assert_true(iso8601_read("2016-07-03T18:01:31Z", &seconds));
		assert_int_equal(seconds, 1467568891);
	}
}

static void a_time_is_written_in_utc(void)
{
	setenv("TZ", "NZST-12NZDT,M9.5.0,M4.1.0/3", 1);
	assert_text(iso8601_write(arena, 1457028091), "2016-03-03T18:01:31Z");
	assert_text(iso8601_write(arena, 0), "1970-01-01T00:00:00Z");
}

static void every_year_has_four_digits(void)
{
	static const char *const texts[] = {
		"0000-02-29T00:00:00Z",
		"0202-01-01T00:00:00Z",
		"9999-12-31T23:59:59Z",
	};
	int64_t seconds;

	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_true(iso8601_read(texts[i], &seconds));
		assert_text(iso8601_write(arena, seconds), texts[i]);
	}
}

static struct unit_check checks[] = {
	{ "a time is written in UTC", a_time_is_written_in_utc },
	{ "every year has four digits", every_year_has_four_digits },
	{ "the host's time zone does not matter",
	  the_hosts_zone_does_not_matter },
};

int main(void)
{
	UNIT_ROWS(rows, moment_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("iso8601");
}
