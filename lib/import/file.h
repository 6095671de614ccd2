/*
 * file.h - resources as a file tells of them: JSON lines, or CSV.
 *
 * A line is an object, or a record under a header that names its members.  In
 * CSV a member that is an object stands as its JSON.  A member that is null, or
 * an empty text, counts as absent.
 */
#ifndef LIB_IMPORT_FILE_H
#define LIB_IMPORT_FILE_H

#include <stdbool.h>

#include "lib/import/row.h"

struct addon;
struct arena;
struct findings;
struct json;

enum import_format { IMPORT_JSONL, IMPORT_CSV };

/* False when there is no format of this name. */
bool import_format_named(const char *name, enum import_format *format);

struct import_rows {
	int count;
	struct import_row *list;
};

/*
 * Read and check all of a file that tells of resources of an add-on.  Each
 * error in findings names the file, the line and the member.
 */
void import_file_read(struct arena *arena, const char *path,
		      enum import_format format, const struct addon *addon,
		      struct import_rows *rows, struct findings *findings);

/* The line that a file begins with (NULL: none), and the line for an object
 * whose members have these names; those that are null are left out. */
const char *import_file_header(struct arena *arena, enum import_format format);
const char *import_file_line(struct arena *arena, enum import_format format,
			     const struct json *object);

#endif
