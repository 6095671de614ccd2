/*
 * crash_point.h - the places at which a test has a process die.
 *
 * Everywhere else, and in every program that is installed, they are nothing.
 */
#ifndef LIB_BASE_CRASH_POINT_H
#define LIB_BASE_CRASH_POINT_H

#ifdef PROVISOR_FAULTS
/* Die here, or stop, if the test wants it: tests/crash/fault.c. */
void crash_point(const char *work, const char *place);
#else
static inline void crash_point(const char *work, const char *place)
{
	(void)work;
	(void)place;
}
#endif

#endif
