/*
 * csv.h - reads and writes comma-separated values (RFC 4180).
 *
 * A spreadsheet evaluates a field that begins like a formula.  Such a field is
 * written with an apostrophe before it, which a spreadsheet hides and
 * csv_read() removes.
 */
#ifndef LIB_TEXT_CSV_H
#define LIB_TEXT_CSV_H

#include <stdbool.h>

#include "lib/base/base.h"

struct arena;

enum { CSV_MOST_FIELDS = 32 };

/* The state of a reader.  The caller sets next to the start of the text, and
 * line to 1. */
struct csv {
	struct arena *arena;
	const char *next;
	int line;
};

struct csv_record {
	int line; /* where the record begins */
	int count;
	const char *fields[CSV_MOST_FIELDS];
};

/*
 * Read the next record, skipping empty lines.  At the end, return false and set
 * *why to NULL.  At a fault, return false and set *why to a clause such as "a
 * quote is not closed"; csv->line is the line of the fault.
 */
MUST_CHECK bool csv_read(struct csv *csv, struct csv_record *record,
			 const char **why);

/* Return text as a field of a record, in quotes and after an apostrophe if it
 * needs them.  csv_read() reads it as text again. */
const char *csv_field(struct arena *arena, const char *text);

#endif
