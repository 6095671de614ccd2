/*
 * clock.h - the time, in milliseconds.
 */
#ifndef LIB_BASE_CLOCK_H
#define LIB_BASE_CLOCK_H

#include <stdint.h>

/* The difference between two hosts' clocks that provisor check tolerates. */
enum { CLOCK_TOLERANCE = 10 /* s */ };

/* Return the monotonic time, which starts at an arbitrary value and never
 * decreases.  Every deadline is a time of this clock. */
int64_t clock_now(void);

/* Return the time of the system clock since 1970. */
int64_t clock_wall(void);

#endif
