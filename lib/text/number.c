#include "lib/text/number.h"

#include <ctype.h>
#include <string.h>

enum {
	MOST_SECONDS_DIGITS = 12, /* so that milliseconds fit int64_t */
	MOST_DURATION_DIGITS = 6
};

/* Read 1 to most digits at *text and move past them. */
static bool take_digits(const char **text, size_t most, int64_t *number)
{
	size_t digits = strspn(*text, "0123456789");
	int64_t value = 0;

	if (digits == 0 || digits > most)
		return false;
	for (; digits > 0; digits--, (*text)++)
		value = value * 10 + (**text - '0');
	*number = value;
	return true;
}

bool number_read(const char *text, int64_t least, int64_t most, int64_t *number)
{
	bool is_negative = text && least < 0 && *text == '-';
	int64_t value;

	if (!text)
		return false;
	text += is_negative;
	if (!take_digits(&text, NUMBER_MOST_DIGITS, &value) || *text)
		return false;
	if (is_negative)
		value = -value;
	if (value < least || value > most)
		return false;
	*number = value;
	return true;
}

bool number_read_int(const char *text, int least, int most, int *number)
{
	int64_t value;

	if (!number_read(text, least, most, &value))
		return false;
	*number = (int)value;
	return true;
}

/* Read up to three digits of a fraction as thousandths, and skip the others. */
static int64_t take_thousandths(const char **text)
{
	int64_t value = 0;

	for (int64_t weight = 100; isdigit((unsigned char)**text); (*text)++) {
		value += weight * (**text - '0');
		weight /= 10;
	}
	return value;
}

bool number_read_seconds(const char *text, int64_t *milliseconds)
{
	int64_t value;

	if (!text || !take_digits(&text, MOST_SECONDS_DIGITS, &value))
		return false;
	value *= 1000;
	if (*text == '.') {
		text++;
		value += take_thousandths(&text);
	}
	if (*text)
		return false;
	*milliseconds = value;
	return true;
}

bool number_read_duration(const char *text, int64_t *milliseconds)
{
	static const struct {
		const char *name;
		int64_t milliseconds;
	} units[] = {
		{ "s", 1000 },
		{ "min", 60000 },
		{ "h", 3600000 },
		{ "d", 86400000 },
	};
	int64_t number;

	if (!text || !take_digits(&text, MOST_DURATION_DIGITS, &number)
	    || number == 0)
		return false;
	for (size_t i = 0; i < COUNT(units); i++) {
		if (strcmp(text, units[i].name) != 0)
			continue;
		*milliseconds = number * units[i].milliseconds;
		return true;
	}
	return false;
}
