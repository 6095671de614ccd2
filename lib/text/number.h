/*
 * number.h - reads numbers and durations.
 *
 * All numbers in external input are read here.  A number is 1 to
 * NUMBER_MOST_DIGITS decimal digits: blanks, plus signs and other bases are
 * refused, and the value cannot overflow.  Each function returns false, and
 * leaves its result unchanged, for every other text and for NULL.
 */
#ifndef LIB_TEXT_NUMBER_H
#define LIB_TEXT_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"

enum { NUMBER_MOST_DIGITS = 18 }; /* leading zeros included */

/* Read a number from least to most, both included.  A minus sign is accepted
 * if least is negative. */
MUST_CHECK bool number_read(const char *text, int64_t least, int64_t most,
			    int64_t *number);

/* Do the same for an int. */
MUST_CHECK bool number_read_int(const char *text, int least, int most,
				int *number);

/* Read seconds with an optional fraction, such as "1700000000.123", as
 * milliseconds.  Digits after the third of the fraction are dropped.  Seconds
 * have at most 12 digits. */
MUST_CHECK bool number_read_seconds(const char *text, int64_t *milliseconds);

/* Read a duration, such as "25s", "2min", "1h" or "30d", as milliseconds.  Its
 * number has at most 6 digits and is not 0. */
MUST_CHECK bool number_read_duration(const char *text, int64_t *milliseconds);

#endif
