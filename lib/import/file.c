#include "lib/import/file.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/arena.h"
#include "lib/text/csv.h"
#include "lib/base/findings.h"
#include "lib/text/json.h"
#include "lib/import/row.h"
#include "lib/text/utf8.h"

enum { LARGEST_FILE = 256 * 1024 * 1024, FIRST_ROWS = 64 };

bool import_format_named(const char *name, enum import_format *format)
{
	bool is_csv = strcmp(name, "csv") == 0;

	*format = is_csv ? IMPORT_CSV : IMPORT_JSONL;
	return is_csv || strcmp(name, "jsonl") == 0;
}

static struct import_row *add_row(struct import_reading *reading,
				  struct import_rows *rows)
{
	bool is_full = rows->count == 0
		|| (rows->count >= FIRST_ROWS
		    && (rows->count & (rows->count - 1)) == 0);

	if (is_full) {
		size_t room = rows->count ? 2 * (size_t)rows->count
					  : (size_t)FIRST_ROWS;
		struct import_row *more =
			arena_alloc(reading->arena, room * sizeof *more);

		if (rows->count > 0)
			memcpy(more, rows->list,
			       (size_t)rows->count * sizeof *more);
		rows->list = more;
	}
	return &rows->list[rows->count++];
}

static void refuse_line(struct import_reading *reading, const char *why)
{
	finding_error(reading->findings, "%s: line %d: %s: correct it",
		      reading->path, reading->line, why);
}

static void read_jsonl(struct import_reading *reading, const char *text,
		       size_t length, struct import_rows *rows)
{
	const char *end = text + length;

	for (const char *next; text < end; text = next) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		const struct json *object;
		const char *why = "it is no object";

		if (!stop)
			stop = end;
		next = stop + 1;
		reading->line++;
		if (text + strspn(text, " \t\r") >= stop)
			continue;
		object = json_parse(reading->arena, text, (size_t)(stop - text),
				    &why);
		if (json_is_object(object))
			import_member_read_all(reading, object,
					       add_row(reading, rows));
		else
			refuse_line(reading, why);
	}
}

/* ---- CSV ---- */

/* False, and said, when a field that must be JSON is none. */
static bool put_field(struct import_reading *reading, struct json *object,
		      const char *name, const char *field)
{
	const struct json *value;
	const char *why;

	if (!import_member_is_object(name)) {
		json_put_text(object, name, field);
		return true;
	}
	value = json_parse(reading->arena, field, strlen(field), &why);
	if (value)
		json_put(object, name, value);
	else
		import_member_complain(reading, name,
				       "must be JSON, an object: correct it");
	return value;
}

static void read_record(struct import_reading *reading,
			const struct csv_record *header,
			const struct csv_record *record,
			struct import_rows *rows)
{
	struct json *object = json_object(reading->arena);
	bool is_read = true;

	reading->line = record->line;
	if (record->count != header->count) {
		refuse_line(reading,
			    arena_printf(reading->arena,
					 "it has %d fields, and the header %d",
					 record->count, header->count));
		return;
	}
	for (int i = 0; i < record->count; i++)
		if (*record->fields[i]
		    && !put_field(reading, object, header->fields[i],
				  record->fields[i]))
			is_read = false;
	if (is_read)
		import_member_read_all(reading, object, add_row(reading, rows));
}

/* Names that are known, each once. */
static bool check_header(struct import_reading *reading,
			 const struct csv_record *header)
{
	bool is_good = true;

	reading->line = header->line;
	for (int i = 0; i < header->count; i++) {
		bool is_twice = false;

		for (int j = 0; j < i; j++)
			is_twice |=
				!strcmp(header->fields[i], header->fields[j]);
		if (import_member_is_known(header->fields[i]) && !is_twice)
			continue;
		refuse_line(reading,
			    arena_printf(reading->arena,
					 "the header's \"%s\" is %s",
					 header->fields[i],
					 is_twice ? "there twice" : "unknown"));
		is_good = false;
	}
	return is_good;
}

static void read_csv(struct import_reading *reading, const char *text,
		     size_t length, struct import_rows *rows)
{
	static const char bom[] = "\xef\xbb\xbf"; /* spreadsheets begin so */
	struct csv csv = { reading->arena, text, 1 };
	struct csv_record header, record;
	const char *why = NULL;

	if (strncmp(text, bom, strlen(bom)) == 0)
		csv.next += strlen(bom);
	if (strlen(text) != length || !utf8_is_valid(text))
		why = "it is no text in UTF-8";
	else if (csv_read(&csv, &header, &why)
		 && check_header(reading, &header))
		while (csv_read(&csv, &record, &why))
			read_record(reading, &header, &record, rows);
	reading->line = csv.line;
	if (why)
		refuse_line(reading, why);
}

/* ---- writing ---- */

const char *import_file_header(struct arena *arena, enum import_format format)
{
	const char *line = import_member_name(0);

	if (format == IMPORT_JSONL)
		return NULL;
	for (int i = 1; import_member_name(i); i++)
		line = arena_printf(arena, "%s,%s", line,
				    import_member_name(i));
	return arena_printf(arena, "%s\r\n", line);
}

static const char *field_of(struct arena *arena, const struct json *value)
{
	if (!value || json_is_null(value))
		return "";
	return csv_field(arena,
			 json_text(value) ? json_text(value)
					  : json_print(arena, value));
}

static const char *csv_line(struct arena *arena, const struct json *object)
{
	const char *line = "", *name;

	for (int i = 0; (name = import_member_name(i)); i++)
		line = arena_printf(arena, "%s%s%s", line, i > 0 ? "," : "",
				    field_of(arena, json_member(object, name)));
	return arena_printf(arena, "%s\r\n", line);
}

const char *import_file_line(struct arena *arena, enum import_format format,
			     const struct json *object)
{
	struct json *line = json_object(arena);

	if (format == IMPORT_CSV)
		return csv_line(arena, object);
	for (const struct json *m = json_first(object); m; m = json_next(m))
		if (!json_is_null(m))
			json_put(line, json_name(m), m);
	return arena_printf(arena, "%s\n", json_print(arena, line));
}

/* ---- the file ---- */

static char *read_text(struct import_reading *reading, size_t *length)
{
	FILE *file = fopen(reading->path, "re");
	struct stat status;
	char *text = NULL;

	if (!file || fstat(fileno(file), &status) != 0) {
		finding_error(reading->findings,
			      "%s: cannot be read (%s): name a file that you "
			      "may read",
			      reading->path, strerror(errno));
	} else if (!S_ISREG(status.st_mode) || status.st_size > LARGEST_FILE) {
		finding_error(reading->findings,
			      "%s: must be a file of at most 256 MiB: split it",
			      reading->path);
	} else {
		text = arena_alloc(reading->arena, (size_t)status.st_size + 1);
		*length = fread(text, 1, (size_t)status.st_size, file);
	}
	if (file)
		fclose(file);
	return text;
}

struct id {
	const char *text;
	int line;
};

static int by_text(const void *a, const void *b)
{
	const struct id *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	return order ? order : x->line - y->line;
}

/* No two lines may tell of one resource. */
static void refuse_twice(struct import_reading *reading,
			 const struct import_rows *rows, size_t offset,
			 const char *name)
{
	struct id *ids = arena_alloc(reading->arena,
				     ((size_t)rows->count + 1) * sizeof *ids);
	size_t count = 0;

	for (int i = 0; i < rows->count; i++) {
		const void *told = &rows->list[i];
		const char *const *id =
			(const void *)((const char *)told + offset);

		if (*id)
			ids[count++] = (struct id){ *id, rows->list[i].line };
	}
	qsort(ids, count, sizeof *ids, by_text);
	for (size_t i = 1; i < count; i++) {
		reading->line = ids[i].line;
		if (strcmp(ids[i].text, ids[i - 1].text) == 0)
			import_member_complain(
				reading, name,
				arena_printf(reading->arena,
					     "is that of line %d too: remove "
					     "one of them",
					     ids[i - 1].line));
	}
}

void import_file_read(struct arena *arena, const char *path,
		      enum import_format format, const struct addon *addon,
		      struct import_rows *rows, struct findings *findings)
{
	struct import_reading reading = {
		.arena = arena,
		.path = path,
		.addon = addon,
		.findings = findings,
	};
	size_t length = 0;
	const char *text = read_text(&reading, &length);

	*rows = (struct import_rows){ 0 };
	if (!text)
		return;
	if (format == IMPORT_CSV)
		read_csv(&reading, text, length, rows);
	else
		read_jsonl(&reading, text, length, rows);
	refuse_twice(&reading, rows,
		     offsetof(struct import_row, told.marketplace_id),
		     "marketplace_id");
	refuse_twice(&reading, rows,
		     offsetof(struct import_row, told.provider_id),
		     "provider_id");
}
