/*
 * record.h - cuts a file into records, one at a time.
 *
 * A record is a line or, in CSV, also several lines: the line breaks in quotes
 * belong to a field.
 */
#ifndef LIB_IMPORT_RECORD_H
#define LIB_IMPORT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/base/base.h"

struct arena;

enum { RECORD_MOST = 1024 * 1024 /* bytes of a record */ };

struct record_reader {
	FILE *file; /* of the caller */
	bool is_csv;
	/* The last record, with a zero behind it. */
	char *text;
	size_t length;
	int line;      /* where it begins, from 1 */
	int next_line; /* where the next one begins */
};

/* Read from the beginning of file.  The text belongs to the arena. */
struct record_reader record_reader_open(struct arena *arena, FILE *file,
					bool is_csv);
void record_reader_rewind(struct record_reader *reader);

/* Read the next record.  At the end, return false and set *why to NULL.  If it
 * is too long, or cannot be read, return false and set *why to a clause. */
MUST_CHECK bool record_read(struct record_reader *reader, const char **why);

#endif
