/*
 * clock.h - what time it is, in milliseconds.
 */
#ifndef LIB_BASE_CLOCK_H
#define LIB_BASE_CLOCK_H

#include <stdint.h>

/* Since some start; never goes back.  Deadlines are moments of this clock. */
int64_t clock_now(void);

/* Since 1970, as the system believes. */
int64_t clock_wall(void);

#endif
