/*
 * fuzz.h - what libFuzzer's targets share.
 *
 * A target is a file fuzz_NAME.c that defines fuzz_input(), with inputs worth
 * beginning with in seeds/NAME/ and, where words help, a NAME.dict.  It asserts
 * what holds for every input; that nothing crashes is the least of it.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <assert.h>
#include <stddef.h>

struct arena;

/* Judge one input of length bytes, with a zero behind them.  The arena goes
 * with it. */
void fuzz_input(struct arena *arena, const char *text, size_t length);

/* A copy with nothing behind it: who reads further is caught. */
const char *fuzz_bare(struct arena *arena, const char *text, size_t length);

/* The folder for the files of this process: TMPDIR, or /tmp. */
const char *fuzz_folder(void);

/* Write a file of that folder, with mode 0600, and tell its path. */
const char *fuzz_write(struct arena *arena, const char *name, const char *text,
		       size_t length);

#endif
