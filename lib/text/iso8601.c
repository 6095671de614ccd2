#include "lib/text/iso8601.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

#include "lib/base/arena.h"

/* Read exactly count digits from *text and move past them. */
static bool take_time_field(const char **text, int count, int *number)
{
	int value = 0;

	for (int i = 0; i < count; i++, (*text)++) {
		if (!isdigit((unsigned char)**text))
			return false;
		value = value * 10 + (**text - '0');
	}
	*number = value;
	return true;
}

static bool take_one_of(const char **text, const char *characters)
{
	if (**text == '\0' || !strchr(characters, **text))
		return false;
	(*text)++;
	return true;
}

static bool take_fraction(const char **text)
{
	size_t digits;

	if (!take_one_of(text, ".,"))
		return true;
	digits = strspn(*text, "0123456789");
	*text += digits;
	return digits > 0;
}

/* Read the offset from UTC, in seconds. */
static bool take_offset(const char **text, int *offset)
{
	bool is_west = **text == '-';
	int hours, minutes = 0;

	*offset = 0;
	if (take_one_of(text, "Zz"))
		return true;
	if (!take_one_of(text, "+-") || !take_time_field(text, 2, &hours))
		return false;
	if (take_one_of(text, ":") || isdigit((unsigned char)**text))
		if (!take_time_field(text, 2, &minutes))
			return false;
	if (hours > 23 || minutes > 59)
		return false;
	*offset = (hours * 60 + minutes) * (is_west ? -60 : 60);
	return true;
}

static bool take_date_and_time(const char **text, struct tm *tm)
{
	return take_time_field(text, 4, &tm->tm_year) && take_one_of(text, "-")
		&& take_time_field(text, 2, &tm->tm_mon)
		&& take_one_of(text, "-")
		&& take_time_field(text, 2, &tm->tm_mday)
		&& take_one_of(text, "Tt ")
		&& take_time_field(text, 2, &tm->tm_hour)
		&& take_one_of(text, ":")
		&& take_time_field(text, 2, &tm->tm_min)
		&& take_one_of(text, ":")
		&& take_time_field(text, 2, &tm->tm_sec);
}

/* timegm() turns the 31st of February into a day in March, so the result is
 * converted back and compared. */
static bool convert_to_seconds(const struct tm *written, int64_t *seconds)
{
	struct tm tm = *written;
	struct tm back;
	time_t moment;

	if (tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	if (tm.tm_sec == 60) /* read a leap second as the one before it */
		tm.tm_sec = 59;
	moment = timegm(&tm);
	if (!gmtime_r(&moment, &back) || back.tm_mday != written->tm_mday
	    || back.tm_mon + 1 != written->tm_mon)
		return false;
	*seconds = moment;
	return true;
}

bool iso8601_read(const char *text, int64_t *seconds)
{
	struct tm tm = { 0 };
	int offset;
	int64_t local;

	if (!take_date_and_time(&text, &tm) || !take_fraction(&text)
	    || !take_offset(&text, &offset) || *text != '\0')
		return false;
	if (!convert_to_seconds(&tm, &local))
		return false;
	*seconds = local - offset;
	return true;
}

/* strftime() would write the year 202 with three digits. */
const char *iso8601_write(struct arena *arena, int64_t seconds)
{
	time_t moment = seconds;
	struct tm utc = { 0 };

	gmtime_r(&moment, &utc);
	return arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02dZ",
			    utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
			    utc.tm_hour, utc.tm_min, utc.tm_sec);
}
