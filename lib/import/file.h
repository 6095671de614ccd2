/*
 * file.h - reads and writes files of resources: JSON lines or CSV.
 *
 * Each line is a JSON object.  In CSV, each record is an object whose members
 * the header names, and a member that is itself an object is written as JSON.
 * A member that is null or an empty string counts as absent.
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

/* A file that is read row by row: memory does not grow with it, but for 40
 * bytes a row while it is checked. */
struct import_file;

/*
 * Open a file of resources of an add-on, and check all of it.  Each error in
 * findings names the file, the line and the member; after a hundred errors, the
 * rest is not checked.  Return NULL after adding an error.  The result belongs
 * to the arena.
 */
MUST_CHECK struct import_file *import_file_open(struct arena *arena,
						const char *path,
						enum import_format format,
						const struct addon *addon,
						struct findings *findings);

/* Return the next row, which is valid until the next call.  Return NULL after
 * the last one, or after adding an error to the findings: the file has changed
 * since it was checked. */
MUST_CHECK const struct import_row *import_file_next(struct import_file *file);

/* Begin with the first row again. */
void import_file_rewind(struct import_file *file);

/* Return the first line of a file, or NULL if the format has none. */
const char *import_file_header(struct arena *arena, enum import_format format);

/* Return the line of an object, without members that are null. */
const char *import_file_line(struct arena *arena, enum import_format format,
			     const struct json *object);

#endif
