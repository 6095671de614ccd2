/*
 * base.h - macros and functions that the C library lacks.
 */
#ifndef LIB_BASE_BASE_H
#define LIB_BASE_BASE_H

#include <stdio.h>
#include <stdlib.h>

/* The number of elements of an array (not of a pointer). */
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The compiler warns when a caller ignores the result of this function.  A
 * caller that ignores it on purpose writes (void)!f(). */
#define MUST_CHECK __attribute__((warn_unused_result))

/*
 * Return memory if it is not NULL.  Otherwise end the process, as arena.h
 * explains, and write to standard error: the log may need memory itself.
 */
static inline void *must(void *memory)
{
	if (!memory) {
		fputs("provisor: out of memory\n", stderr);
		abort();
	}
	return memory;
}

#endif
