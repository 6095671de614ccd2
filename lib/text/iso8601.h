/*
 * iso8601.h - moments as marketplaces write them.
 */
#ifndef LIB_TEXT_ISO8601_H
#define LIB_TEXT_ISO8601_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Read "2016-03-03T18:01:31-0800": a date, T (or t, or a blank), a time to the
 * second with an optional fraction, which is dropped, and an offset that is Z,
 * +hh:mm, +hhmm or +hh.  *seconds is then since 1970.  False, and *seconds is
 * left alone, for every other form and for days and hours that do not exist.
 *
 * Heroku writes the offset without a colon in oauth_grant.expires_at (Add-on
 * Partner API v3, provisioning request).
 */
bool iso8601_read(const char *text, int64_t *seconds);

#endif
