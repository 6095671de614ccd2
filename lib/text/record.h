/*
 * record.h - cuts a file into records, one at a time.
 *
 * A record is one of these:
 *
 * RECORD_LINE     a line
 * RECORD_CSV      a line, or several: the line breaks in quotes belong to a
 * field RECORD_ELEMENT  an element of the JSON array that the file is.  It is
 * cut at the commas and brackets, and is JSON only if it can be parsed.
 */
#ifndef LIB_TEXT_RECORD_H
#define LIB_TEXT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/base/base.h"

struct arena;

enum { RECORD_MOST = 1024 * 1024 /* bytes of a record */ };

enum record_form { RECORD_LINE, RECORD_CSV, RECORD_ELEMENT };

struct record_reader {
	FILE *file; /* of the caller */
	enum record_form form;
	/* The last record, with a zero behind it. */
	char *text;
	size_t length;
	int line;       /* where it begins, from 1; or the element's number */
	int next_line;  /* where the next one begins */
	bool is_closed; /* the array has ended */
};

/* Read from where the file is.  The text belongs to the arena. */
struct record_reader record_reader_open(struct arena *arena, FILE *file,
					enum record_form form);

/* Begin at the beginning of the file. */
void record_reader_rewind(struct record_reader *reader);

/* Read the next record.  At the end, return false and set *why to NULL.  If it
 * is too long, or cannot be read, or if the file is not an array, return false
 * and set *why to a clause. */
MUST_CHECK bool record_read(struct record_reader *reader, const char **why);

#endif
