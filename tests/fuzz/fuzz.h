/*
 * fuzz.h - functions that the fuzz targets share.
 *
 * A target for the module NAME is the file fuzz_NAME.c, which defines
 * fuzz_input().  Its first inputs are in seeds/NAME/, and words for libFuzzer
 * in NAME.dict.  It asserts what is true for every input.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <assert.h>
#include <stddef.h>

struct arena;

/* Check one input of length bytes, which is terminated.  The arena is destroyed
 * afterwards. */
void fuzz_input(struct arena *arena, const char *text, size_t length);

/* Return a copy that is not terminated, so that reading beyond it is detected.
 */
const char *fuzz_bare(struct arena *arena, const char *text, size_t length);

/* Return the folder for the files of this process: TMPDIR, or /tmp. */
const char *fuzz_folder(void);

/* Write a file in that folder, with mode 0600, and return its path. */
const char *fuzz_write(struct arena *arena, const char *name, const char *text,
		       size_t length);

#endif
