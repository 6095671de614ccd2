/*
 * iso8601.h - reads times in the form that marketplaces write, and writes them.
 *
 * strptime() is not used: it accepts blanks before a field, signs, days that do
 * not exist, and text after the time.
 */
#ifndef LIB_TEXT_ISO8601_H
#define LIB_TEXT_ISO8601_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"

struct arena;

/*
 * Read a time such as "2016-03-03T18:01:31-0800" as seconds since 1970: a date;
 * T, t or a blank; a time with an optional fraction, which is dropped; and an
 * offset of the form Z, +hh:mm, +hhmm or +hh.  Return false, and leave *seconds
 * unchanged, for every other form and for days and hours that do not exist.
 *
 * Heroku writes the offset without a colon in oauth_grant.expires_at (Add-on
 * Partner API v3, provisioning request).
 */
MUST_CHECK bool iso8601_read(const char *text, int64_t *seconds);

/* Return seconds since 1970, of the years 0 to 9999, in the form
 * "2016-03-03T18:01:31Z", which iso8601_read() reads. */
const char *iso8601_write(struct arena *arena, int64_t seconds);

#endif
