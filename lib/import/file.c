#include "lib/import/file.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/import/row.h"
#include "lib/text/csv.h"
#include "lib/text/json.h"
#include "lib/text/utf8.h"

enum { MAX_FILE = 256 * 1024 * 1024 }; /* bytes */

bool import_format_named(const char *name, enum import_format *format)
{
	bool is_csv = strcmp(name, "csv") == 0;

	*format = is_csv ? IMPORT_CSV : IMPORT_JSONL;
	return is_csv || strcmp(name, "jsonl") == 0;
}

/* Make room for one row per line that is not empty. */
static void allocate_rows(struct arena *arena, const char *text, size_t length,
			  struct import_rows *rows)
{
	size_t lines = 1;

	for (size_t i = 0; i < length; i++)
		lines += text[i] == '\n' && text[i + 1] != '\n';
	*rows = (struct import_rows){
		.list = arena_alloc(arena, lines * sizeof *rows->list),
	};
}

static void refuse_line(struct import_reader *reader, const char *why)
{
	finding_error(reader->findings, "%s: line %d: %s: correct it",
		      reader->path, reader->line, why);
}

static void read_jsonl(struct import_reader *reader, const char *text,
		       size_t length, struct import_rows *rows)
{
	const char *end = text + length;

	for (const char *next; text < end; text = next) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		const struct json *object;
		const char *why = "it is not an object";

		if (!stop)
			stop = end;
		next = stop + 1;
		reader->line++;
		if (text + strspn(text, " \t\r") >= stop)
			continue;
		object = json_parse(reader->arena, text, (size_t)(stop - text),
				    &why);
		if (json_is_object(object))
			import_row_read(reader, object,
					&rows->list[rows->count++]);
		else
			refuse_line(reader, why);
	}
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

static void read_csv_record(struct import_reader *reader,
			    const struct csv_record *header,
			    const struct csv_record *record,
			    struct import_rows *rows)
{
	struct json *object = json_object(reader->arena);
	bool is_read = true;

	reader->line = record->line;
	if (record->count != header->count) {
		refuse_line(
			reader,
			arena_printf(reader->arena,
				     "it has %d fields, but the header has %d",
				     record->count, header->count));
		return;
	}
	for (int i = 0; i < record->count; i++)
		if (*record->fields[i]
		    && !put_csv_field(reader, object, header->fields[i],
				      record->fields[i]))
			is_read = false;
	if (is_read)
		import_row_read(reader, object, &rows->list[rows->count++]);
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
					 "the header's \"%s\" is %s",
					 header->fields[i],
					 is_twice ? "there twice" : "unknown"));
		is_valid = false;
	}
	return is_valid;
}

static void read_csv(struct import_reader *reader, const char *text,
		     size_t length, struct import_rows *rows)
{
	static const char bom[] = "\xef\xbb\xbf"; /* from spreadsheets */
	struct csv csv = { reader->arena, text, 1 };
	struct csv_record header, record;
	const char *why = NULL;

	if (strncmp(text, bom, strlen(bom)) == 0)
		csv.next += strlen(bom);
	if (strlen(text) != length || !utf8_is_valid(text))
		why = "it is not UTF-8 text";
	else if (csv_read(&csv, &header, &why)
		 && check_csv_header(reader, &header))
		while (csv_read(&csv, &record, &why))
			read_csv_record(reader, &header, &record, rows);
	reader->line = csv.line;
	if (why)
		refuse_line(reader, why);
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
	return arena_printf(arena, "%s\n", json_print(arena, line));
}

/* ---- the file ---- */

static char *read_file(struct import_reader *reader, size_t *length)
{
	FILE *file = fopen(reader->path, "re");
	struct stat status;
	char *text = NULL;

	if (!file || fstat(fileno(file), &status) != 0) {
		finding_error(reader->findings,
			      "%s: cannot be read (%s): name a file that you "
			      "may read",
			      reader->path, strerror(errno));
	} else if (!S_ISREG(status.st_mode) || status.st_size > MAX_FILE) {
		finding_error(reader->findings,
			      "%s: must be a file of at most 256 MiB: split it",
			      reader->path);
	} else {
		text = arena_alloc(reader->arena, (size_t)status.st_size + 1);
		*length = fread(text, 1, (size_t)status.st_size, file);
	}
	if (file)
		fclose(file);
	return text;
}

struct line_id {
	const char *text;
	int line;
};

static int compare_ids(const void *a, const void *b)
{
	const struct line_id *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	return order ? order : x->line - y->line;
}

/* Refuse an id that two lines have. */
static void refuse_repeated_id(struct import_reader *reader,
			       const struct import_rows *rows, size_t offset,
			       const char *name)
{
	struct line_id *ids = arena_alloc(
		reader->arena, ((size_t)rows->count + 1) * sizeof *ids);
	size_t count = 0;

	for (int i = 0; i < rows->count; i++) {
		const void *row = &rows->list[i];
		const char *const *id =
			(const void *)((const char *)row + offset);

		if (*id)
			ids[count++] =
				(struct line_id){ *id, rows->list[i].line };
	}
	qsort(ids, count, sizeof *ids, compare_ids);
	for (size_t i = 1; i < count; i++) {
		reader->line = ids[i].line;
		if (strcmp(ids[i].text, ids[i - 1].text) == 0)
			import_row_error(
				reader, name,
				arena_printf(reader->arena,
					     "is on line %d too: remove one "
					     "of these lines",
					     ids[i - 1].line));
	}
}

void import_file_read(struct arena *arena, const char *path,
		      enum import_format format, const struct addon *addon,
		      struct import_rows *rows, struct findings *findings)
{
	struct import_reader reader = {
		.arena = arena,
		.path = path,
		.addon = addon,
		.findings = findings,
	};
	size_t length = 0;
	const char *text = read_file(&reader, &length);

	*rows = (struct import_rows){ 0 };
	if (!text)
		return;
	allocate_rows(arena, text, length, rows);
	if (format == IMPORT_CSV)
		read_csv(&reader, text, length, rows);
	else
		read_jsonl(&reader, text, length, rows);
	refuse_repeated_id(&reader, rows,
			   offsetof(struct import_row, resource.marketplace_id),
			   "marketplace_id");
	refuse_repeated_id(&reader, rows,
			   offsetof(struct import_row, resource.provider_id),
			   "provider_id");
}
