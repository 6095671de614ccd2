/*
 * crash_point.h - the places at which a test can kill a process.
 *
 * Only tests compile them in.  In every other build they are empty.
 */
#ifndef LIB_BASE_CRASH_POINT_H
#define LIB_BASE_CRASH_POINT_H

#ifdef PROVISOR_FAULTS
/* Kill or stop this process if the test requests it (tests/crash/fault.c).
 * work names the function and place the line in it. */
void crash_point(const char *work, const char *place);
#else
static inline void crash_point(const char *work, const char *place)
{
	(void)work;
	(void)place;
}
#endif

#endif
