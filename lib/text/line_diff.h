/*
 * line_diff.h - compares two texts line by line.
 */
#ifndef LIB_TEXT_LINE_DIFF_H
#define LIB_TEXT_LINE_DIFF_H

#include <stdbool.h>

#include "lib/base/base.h"

struct arena;

struct line_diff {
	int removed; /* lines that only the first text has */
	int added;   /* lines that only the second one has */
	/* All lines, in order: those of both begin with two blanks, removed
	 * ones with "- ", added ones with "+ "; each ends in a line break. */
	const char *text;
};

/*
 * Compare two texts.  As few lines as possible are removed and added, unless
 * the texts differ in thousands of lines.  A comma at the end of a line does
 * not count: in JSON, it only says that another entry follows.
 */
MUST_CHECK struct line_diff line_diff(struct arena *arena, const char *before,
				      const char *after);

#endif
