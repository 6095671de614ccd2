/*
 * clock.h - the time, in milliseconds.
 */
#ifndef LIB_BASE_CLOCK_H
#define LIB_BASE_CLOCK_H

#include <stdint.h>

/* Return the monotonic time: it begins anywhere and never goes back.  Every
 * deadline is a time of this clock. */
int64_t clock_now(void);

/* Return the system's time since 1970. */
int64_t clock_wall(void);

#endif
