/*
 * csv.h - reads and writes comma-separated values (RFC 4180).
 */
#ifndef LIB_TEXT_CSV_H
#define LIB_TEXT_CSV_H

#include <stdbool.h>

#include "lib/base/base.h"

struct arena;

enum { CSV_MOST_FIELDS = 32 };

/* The state of reading a text.  The caller sets next to its start and line to
 * 1. */
struct csv {
	struct arena *arena;
	const char *next;
	int line;
};

struct csv_record {
	int line; /* in which the record begins */
	int count;
	const char *fields[CSV_MOST_FIELDS];
};

/*
 * Read the next record and skip empty lines.  Return false at the end, with a
 * NULL *why, and at a fault, with the fault of line csv->line in *why: a clause
 * such as "a quote is not closed".
 */
MUST_CHECK bool csv_read(struct csv *csv, struct csv_record *record,
			 const char **why);

/* Return text as a field of a record, in quotes if it needs them. */
const char *csv_field(struct arena *arena, const char *text);

#endif
