/*
 * csv.h - records of comma-separated values, as RFC 4180 has them.
 */
#ifndef LIB_TEXT_CSV_H
#define LIB_TEXT_CSV_H

#include <stdbool.h>

struct arena;

enum { CSV_MOST_FIELDS = 32 };

/* A text that is being read: begun with next at its start, and line 1. */
struct csv {
	struct arena *arena;
	const char *next;
	int line;
};

struct csv_record {
	int line; /* that it begins in */
	int count;
	const char *fields[CSV_MOST_FIELDS];
};

/*
 * Read the next record; lines that are empty are passed over.  False at the
 * end, with *why NULL, and where the text is none of this, with *why a sentence
 * without its end about the line csv->line.
 */
bool csv_read(struct csv *csv, struct csv_record *record, const char **why);

/* text as a field of a record: in quotes where it needs them. */
const char *csv_field(struct arena *arena, const char *text);

#endif
