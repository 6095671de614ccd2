/*
 * base.h - what the C library leaves out.
 */
#ifndef LIB_BASE_BASE_H
#define LIB_BASE_BASE_H

#include <stdio.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/*
 * memory, if it is not NULL; else the process ends, for the reason arena.h
 * gives.  Not logged, since the log may itself be short of memory.
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
