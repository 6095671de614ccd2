/*
 * file.h - reads and writes files of resources: JSON lines or CSV.
 *
 * Each line is a JSON object.  In CSV, each record is an object whose members
 * the header names, and a member that is itself an object is written as JSON.
 * A member that is null or an empty text counts as absent.
 */
#ifndef LIB_IMPORT_FILE_H
#define LIB_IMPORT_FILE_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/import/row.h"

struct addon;
struct arena;
struct findings;
struct json;

enum import_format { IMPORT_JSONL, IMPORT_CSV };

/* Return false if no format has this name. */
MUST_CHECK bool import_format_named(const char *name,
				    enum import_format *format);

struct import_rows {
	int count;
	struct import_row *list;
};

/*
 * Read and check a whole file of resources of an add-on.  Each error in
 * findings names the file, the line and the member.
 */
void import_file_read(struct arena *arena, const char *path,
		      enum import_format format, const struct addon *addon,
		      struct import_rows *rows, struct findings *findings);

/* Return the first line of a file, or NULL if the format has none. */
const char *import_file_header(struct arena *arena, enum import_format format);

/* Return the line of an object, without members that are null. */
const char *import_file_line(struct arena *arena, enum import_format format,
			     const struct json *object);

#endif
