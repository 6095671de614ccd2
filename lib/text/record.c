#include "lib/text/record.h"

#include <string.h>

#include "lib/base/arena.h"

struct record_reader record_reader_open(struct arena *arena, FILE *file,
					enum record_form form)
{
	return (struct record_reader){
		.file = file,
		.form = form,
		.text = arena_alloc(arena, RECORD_MOST + 1),
		.next_line = 1,
	};
}

void record_reader_rewind(struct record_reader *reader)
{
	rewind(reader->file);
	reader->next_line = 1;
	reader->is_closed = false;
}

/* Return false and set *why if the record has become too long. */
static bool add_to_record(struct record_reader *reader, int c, const char **why)
{
	if (reader->length < RECORD_MOST) {
		reader->text[reader->length++] = (char)c;
		return true;
	}
	*why = reader->form == RECORD_CSV
		? "it has more than 1 MiB, perhaps because a quote is not "
		  "closed"
		: "it has more than 1 MiB";
	return false;
}

/* ---- lines ---- */

static bool cut_lines(struct record_reader *reader, const char **why)
{
	bool is_quoted = false;
	int c;

	while ((c = getc_unlocked(reader->file)) != EOF) {
		if (!add_to_record(reader, c, why))
			return false;
		is_quoted ^= reader->form == RECORD_CSV && c == '"';
		reader->next_line += c == '\n';
		if (c == '\n' && !is_quoted)
			break;
	}
	return reader->length > 0;
}

/* ---- elements of an array ---- */

static const char json_space[] = " \t\r\n";

static int skip_space(FILE *file)
{
	int c;

	do
		c = getc_unlocked(file);
	while (c != EOF && memchr(json_space, c, strlen(json_space)));
	return c;
}

/* Where a place in a JSON text is. */
struct json_place {
	int depth; /* of objects and arrays */
	bool is_quoted;
	bool is_escaped;
};

static void pass_json(struct json_place *place, int c)
{
	if (place->is_escaped)
		place->is_escaped = false;
	else if (place->is_quoted && c == '\\')
		place->is_escaped = true;
	else if (c == '"')
		place->is_quoted = !place->is_quoted;
	else if (!place->is_quoted)
		place->depth += (c == '{' || c == '[') - (c == '}' || c == ']');
}

/* The array has ended after the last element, which an empty array lacks. */
static bool close_array(struct record_reader *reader, const char **why)
{
	reader->is_closed = true;
	reader->text[reader->length] = '\0';
	if (skip_space(reader->file) != EOF)
		*why = "the array ends before the file";
	return !*why
		&& (reader->line > 1
		    || strspn(reader->text, json_space) < reader->length);
}

static bool cut_element(struct record_reader *reader, const char **why)
{
	struct json_place place = { 0 };
	int c;

	while ((c = getc_unlocked(reader->file)) != EOF) {
		pass_json(&place, c);
		if (place.depth < 0)
			return close_array(reader, why);
		if (c == ',' && place.depth == 0 && !place.is_quoted)
			return true;
		if (!add_to_record(reader, c, why))
			return false;
	}
	*why = "the array is not closed";
	return false;
}

static bool read_element(struct record_reader *reader, const char **why)
{
	if (reader->is_closed)
		return false;
	if (reader->next_line++ == 1 && skip_space(reader->file) != '[') {
		*why = "it is not an array";
		return false;
	}
	return cut_element(reader, why);
}

bool record_read(struct record_reader *reader, const char **why)
{
	bool is_read;

	*why = NULL;
	reader->length = 0;
	reader->line = reader->next_line;
	is_read = reader->form == RECORD_ELEMENT ? read_element(reader, why)
						 : cut_lines(reader, why);
	reader->text[reader->length] = '\0';
	if (ferror(reader->file))
		*why = "it cannot be read";
	return is_read && !*why;
}
