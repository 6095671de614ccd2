#include "lib/import/record.h"

#include "lib/base/arena.h"

struct record_reader record_reader_open(struct arena *arena, FILE *file,
					bool is_csv)
{
	return (struct record_reader){
		.file = file,
		.is_csv = is_csv,
		.text = arena_alloc(arena, RECORD_MOST + 1),
		.next_line = 1,
	};
}

void record_reader_rewind(struct record_reader *reader)
{
	rewind(reader->file);
	reader->next_line = 1;
}

bool record_read(struct record_reader *reader, const char **why)
{
	bool is_quoted = false;
	int c;

	*why = NULL;
	reader->length = 0;
	reader->line = reader->next_line;
	while ((c = getc_unlocked(reader->file)) != EOF) {
		if (reader->length == RECORD_MOST) {
			*why = reader->is_csv
				? "it has more than 1 MiB, perhaps because a "
				  "quote is not closed"
				: "it has more than 1 MiB";
			return false;
		}
		reader->text[reader->length++] = (char)c;
		is_quoted ^= reader->is_csv && c == '"';
		reader->next_line += c == '\n';
		if (c == '\n' && !is_quoted)
			break;
	}
	reader->text[reader->length] = '\0';
	if (ferror(reader->file))
		*why = "it cannot be read";
	return !*why && reader->length > 0;
}
