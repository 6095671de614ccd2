/* A time that is accepted exists in the calendar, and other spellings of it
 * give the same result. */
#include "fuzz.h"

#include <stdio.h>
#include <time.h>

#include "lib/text/iso8601.h"

enum { DAY = 86400 };

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	int64_t seconds = -1, again;
	struct tm tm;
	char written[64];
	time_t moment;

	(void)arena;
	(void)length;
	if (!iso8601_read(text, &seconds)) {
		assert(seconds == -1);
		return;
	}
	/* The years 0 to 9999, and a day more for offsets. */
	assert(seconds >= INT64_C(-62167219200) - DAY);
	assert(seconds <= INT64_C(253402300799) + DAY);
	moment = seconds;
	gmtime_r(&moment, &tm);
	if (tm.tm_year < -1900 || tm.tm_year > 9999 - 1900)
		return;
	snprintf(written, sizeof written, "%04d-%02d-%02dT%02d:%02d:%02dZ",
		 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		 tm.tm_min, tm.tm_sec);
	assert(iso8601_read(written, &again) && again == seconds);
}
