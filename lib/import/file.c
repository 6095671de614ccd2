#include "lib/import/file.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/base/plain_file.h"
#include "lib/base/utf8.h"
#include "lib/import/repeated_id.h"
#include "lib/import/row.h"
#include "lib/text/csv.h"
#include "lib/text/json.h"
#include "lib/text/record.h"

enum { MOST_ERRORS = 100 /* after them, the rest is not read */ };

struct import_file {
	struct import_reader reader; /* its arena has the last row */
	enum import_format format;
	FILE *file;
	struct record_reader records;
	bool has_begun;
	struct csv_record header; /* of CSV */
	struct import_row row;
};

bool import_format_named(const char *name, enum import_format *format)
{
	bool is_csv = strcmp(name, "csv") == 0;

	*format = is_csv ? IMPORT_CSV : IMPORT_JSONL;
	return is_csv || strcmp(name, "jsonl") == 0;
}

static void refuse_line(struct import_reader *reader, const char *why)
{
	finding_error(reader->findings, "%s: line %d: %s: correct it",
		      reader->path, reader->line, why);
}

/* ---- JSON lines ---- */

/* Return the object of a line, or NULL if the line is empty, or after adding an
 * error. */
static const struct json *read_jsonl_object(struct import_file *file)
{
	const struct record_reader *records = &file->records;
	const struct json *object;
	const char *why = "it is not an object";

	if (strspn(records->text, " \t\r\n") == records->length)
		return NULL;
	object = json_parse(file->reader.arena, records->text, records->length,
			    &why);
	if (json_is_object(object))
		return object;
	refuse_line(&file->reader, why);
	return NULL;
}

/* ---- CSV ---- */

/* Return false after adding an error if the field must be JSON and is not. */
static bool put_csv_field(struct import_reader *reader, struct json *object,
			  const char *name, const char *field)
{
	const struct json *value;
	const char *why;

	if (!import_row_member_is_json(name)) {
		json_put_text(object, name, field);
		return true;
	}
	value = json_parse(reader->arena, field, strlen(field), &why);
	if (value)
		json_put(object, name, value);
	else
		import_row_error(reader, name,
				 "must be a JSON object: correct it");
	return value;
}

static const struct json *read_csv_fields(struct import_reader *reader,
					  const struct csv_record *header,
					  const struct csv_record *record)
{
	struct json *object = json_object(reader->arena);
	bool is_read = true;

	if (record->count != header->count) {
		refuse_line(
			reader,
			arena_printf(reader->arena,
				     "it has %d fields, but the header has %d",
				     record->count, header->count));
		return NULL;
	}
	for (int i = 0; i < record->count; i++)
		if (*record->fields[i]
		    && !put_csv_field(reader, object, header->fields[i],
				      record->fields[i]))
			is_read = false;
	return is_read ? object : NULL;
}

/* Each name must be known and occur once. */
static bool check_csv_header(struct import_reader *reader,
			     const struct csv_record *header)
{
	bool is_valid = true;

	reader->line = header->line;
	for (int i = 0; i < header->count; i++) {
		bool is_twice = false;

		for (int j = 0; j < i; j++)
			is_twice |=
				!strcmp(header->fields[i], header->fields[j]);
		if (import_row_has_member(header->fields[i]) && !is_twice)
			continue;
		refuse_line(reader,
			    arena_printf(reader->arena,
					 "its column \"%s\" is %s",
					 header->fields[i],
					 is_twice ? "repeated" : "unknown"));
		is_valid = false;
	}
	return is_valid;
}

/* Read the fields of a record, which belong to the arena.  Return false if the
 * record is an empty line, or after adding an error.  After a fault, it is not
 * known where a record begins, so *is_faulty ends the reading. */
static bool split_csv_record(struct import_file *file, struct arena *arena,
			     struct csv_record *record, bool *is_faulty)
{
	static const char bom[] = "\xef\xbb\xbf"; /* from spreadsheets */
	const struct record_reader *records = &file->records;
	struct csv csv = { arena, records->text, records->line };
	const char *why = NULL;
	bool is_read = false;

	if (records->line == 1 && strncmp(csv.next, bom, strlen(bom)) == 0)
		csv.next += strlen(bom);
	if (strlen(records->text) != records->length
	    || !utf8_is_valid(records->text))
		why = "it is not UTF-8 text";
	else
		is_read = csv_read(&csv, record, &why);
	file->reader.line = is_read ? record->line : csv.line;
	if (why)
		refuse_line(&file->reader, why);
	*is_faulty = why;
	return is_read;
}

static const struct json *read_csv_object(struct import_file *file,
					  bool *is_faulty)
{
	struct csv_record record;

	if (!split_csv_record(file, file->reader.arena, &record, is_faulty))
		return NULL;
	return read_csv_fields(&file->reader, &file->header, &record);
}

/* ---- writing ---- */

const char *import_file_header(struct arena *arena, enum import_format format)
{
	const char *line = import_row_member(0);

	if (format == IMPORT_JSONL)
		return NULL;
	for (int i = 1; import_row_member(i); i++)
		line = arena_printf(arena, "%s,%s", line, import_row_member(i));
	return arena_printf(arena, "%s\r\n", line);
}

static const char *write_csv_field(struct arena *arena,
				   const struct json *value)
{
	if (!value || json_is_null(value))
		return "";
	return csv_field(arena,
			 json_text(value) ? json_text(value)
					  : json_print(arena, value));
}

static const char *write_csv_line(struct arena *arena,
				  const struct json *object)
{
	const char *line = "", *name;

	for (int i = 0; (name = import_row_member(i)); i++)
		line = arena_printf(
			arena, "%s%s%s", line, i > 0 ? "," : "",
			write_csv_field(arena, json_member(object, name)));
	return arena_printf(arena, "%s\r\n", line);
}

const char *import_file_line(struct arena *arena, enum import_format format,
			     const struct json *object)
{
	struct json *line = json_object(arena);

	if (format == IMPORT_CSV)
		return write_csv_line(arena, object);
	for (const struct json *m = json_first(object); m; m = json_next(m))
		if (!json_is_null(m))
			json_put(line, json_name(m), m);
	return arena_printf(arena, "%s\n",
			    json_print_for_terminal(arena, line));
}

/* ---- the file ---- */

/* Read the next record that is not empty. */
static bool read_record(struct import_file *file)
{
	const char *why;
	bool is_read = record_read(&file->records, &why);

	file->reader.line = file->records.line;
	if (why)
		refuse_line(&file->reader, why);
	return is_read;
}

/* The header lives as long as the file. */
static bool read_header(struct import_file *file, struct arena *arena)
{
	bool is_faulty = false;

	while (read_record(file) && !is_faulty)
		if (split_csv_record(file, arena, &file->header, &is_faulty))
			return check_csv_header(&file->reader, &file->header);
	return false;
}

/* Return false at the end, or if the rest cannot be read.  *is_row is false for
 * an empty line, and after adding an error. */
static bool read_row(struct import_file *file, bool *is_row)
{
	const struct json *object;
	bool is_faulty = false;

	*is_row = false;
	arena_reset(file->reader.arena);
	if (!read_record(file))
		return false;
	object = file->format == IMPORT_CSV ? read_csv_object(file, &is_faulty)
					    : read_jsonl_object(file);
	if (object)
		import_row_read(&file->reader, object, &file->row);
	*is_row = object;
	return !is_faulty;
}

/* ---- checking ---- */

/* Add the ids of the last row. */
static void add_ids(struct import_file *file, struct repeated_ids ids[static 2])
{
	const struct resource *resource = &file->row.resource;
	int line = file->row.line;

	if (!repeated_ids_add(&ids[0], resource->marketplace_id, line)
	    || !repeated_ids_add(&ids[1], resource->provider_id, line))
		refuse_line(&file->reader, "its id cannot be compared");
}

/* Refuse an id that two lines have. */
static void refuse_repeated_ids(struct import_reader *reader,
				struct repeated_ids *ids, const char *name)
{
	int earlier;

	while (reader->findings->errors < MOST_ERRORS
	       && repeated_ids_next(ids, &reader->line, &earlier))
		import_row_error(reader, name,
				 arena_printf(reader->arena,
					      "is on line %d too: remove one "
					      "of these lines",
					      earlier));
}

static void check_rows(struct import_file *file)
{
	struct findings *findings = file->reader.findings;
	struct repeated_ids ids[2] = { { 0 }, { 0 } };
	bool is_row;

	while (findings->errors < MOST_ERRORS && read_row(file, &is_row))
		if (is_row)
			add_ids(file, ids);
	refuse_repeated_ids(&file->reader, &ids[0], "marketplace_id");
	refuse_repeated_ids(&file->reader, &ids[1], "provider_id");
	for (size_t i = 0; i < COUNT(ids); i++)
		repeated_ids_release(&ids[i]);
	if (findings->errors >= MOST_ERRORS)
		finding_error(findings,
			      "%s: there may be more errors: correct these "
			      "first",
			      file->reader.path);
}

/* ---- the file ---- */

static FILE *open_regular_file(const struct import_reader *reader)
{
	FILE *file = plain_file_open(reader->path);
	struct stat status;

	if (file && fstat(fileno(file), &status) == 0
	    && S_ISREG(status.st_mode))
		return file;
	finding_error(reader->findings,
		      "%s: cannot be read (%s): name a file "
		      "that you can read",
		      reader->path, file ? "not a file" : strerror(errno));
	if (file)
		fclose(file);
	return NULL;
}

static void release_file(void *handle)
{
	struct import_file *file = handle;

	arena_destroy(file->reader.arena);
	fclose(file->file);
}

struct import_file *import_file_open(struct arena *arena, const char *path,
				     enum import_format format,
				     const struct addon *addon,
				     struct findings *findings)
{
	struct import_file *file = arena_alloc(arena, sizeof *file);

	*file = (struct import_file){
		.reader = { .path = path,
			    .addon = addon,
			    .findings = findings },
		.format = format,
	};
	file->file = open_regular_file(&file->reader);
	if (!file->file)
		return NULL;
	file->reader.arena = arena_create();
	arena_defer(arena, release_file, file);
	file->records = record_reader_open(arena, file->file,
					   format == IMPORT_CSV ? RECORD_CSV
								: RECORD_LINE);
	if (format == IMPORT_JSONL || read_header(file, arena))
		check_rows(file);
	import_file_rewind(file);
	return findings->errors == 0 ? file : NULL;
}

void import_file_rewind(struct import_file *file)
{
	record_reader_rewind(&file->records);
	/* The header is known. */
	file->has_begun = file->format == IMPORT_JSONL;
}

const struct import_row *import_file_next(struct import_file *file)
{
	bool is_row = false;

	while (!file->has_begun && read_record(file))
		file->has_begun = file->records.line == file->header.line;
	while (file->reader.findings->errors == 0 && !is_row)
		if (!read_row(file, &is_row))
			return NULL;
	return is_row && file->reader.findings->errors == 0 ? &file->row : NULL;
}
