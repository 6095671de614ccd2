/* A record that is written again reads the same.  Line numbers never decrease,
 * and a fault has a reason. */
#include "fuzz.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/text/csv.h"

static const char *write_record(struct arena *arena,
				const struct csv_record *record)
{
	const char *line = "";

	for (int i = 0; i < record->count; i++)
		line = arena_printf(arena, "%s%s%s", line, i > 0 ? "," : "",
				    csv_field(arena, record->fields[i]));
	return arena_printf(arena, "%s\r\n", line);
}

static bool is_empty_record(const struct csv_record *record)
{
	return record->count == 1 && !*record->fields[0];
}

static void assert_reads_the_same(struct arena *arena,
				  const struct csv_record *record)
{
	struct csv again = { arena, write_record(arena, record), 1 };
	struct csv_record other;
	const char *why;

	assert(csv_read(&again, &other, &why));
	assert(other.count == record->count);
	for (int i = 0; i < record->count; i++)
		assert(strcmp(other.fields[i], record->fields[i]) == 0);
	assert(!csv_read(&again, &other, &why) && !why);
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	struct csv csv = { arena, text, 1 };
	struct csv_record record;
	const char *why, *before = text;
	int line = 1;

	if (strlen(text) != length)
		return;
	while (csv_read(&csv, &record, &why)) {
		assert(!why);
		assert(record.count >= 1 && record.count <= CSV_MOST_FIELDS);
		assert(record.line >= line && csv.line >= record.line);
		assert(csv.next > before && csv.next <= text + length);
		before = csv.next;
		line = csv.line;
		if (!is_empty_record(&record))
			assert_reads_the_same(arena, &record);
	}
	assert(why ? *why != '\0' : *csv.next == '\0');
}
