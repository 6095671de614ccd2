/* Whatever a value contains, a line has exactly the fields that it was given.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/log.h"

enum { LONGEST_LINE = 4096 };

/* Log the value and return the line. */
static const char *log_value(struct arena *arena, const char *value)
{
	const struct log_field fields[] = {
		{ "value", value },
		{ "outcome", "ok" },
		{ NULL, NULL },
	};
	static bool is_open;
	const char *path = fuzz_write(arena, "log", "", 0);
	char *line = arena_alloc(arena, LONGEST_LINE + 2);
	int file;

	is_open = is_open || log_to(path);
	log_request("01234567");
	log_fields(LOG_LEVEL_INFO, fields);
	file = open(path, O_RDONLY | O_CLOEXEC);
	assert(is_open && read(file, line, LONGEST_LINE + 1) <= LONGEST_LINE);
	close(file);
	return line;
}

/* Move past a field with this name.  Its value is a word or quoted. */
static const char *skip_field(const char *at, const char *name)
{
	assert(strncmp(at, name, strlen(name)) == 0);
	at += strlen(name);
	assert(*at == '=');
	if (*++at != '"')
		return at + strcspn(at, " \n\"");
	for (at++; *at != '"'; at++) {
		assert(*at && !((unsigned char)*at < ' '));
		if (*at == '\\')
			at++;
	}
	return at + 1;
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	static const char *const names[] = { "time", "level", "request_id",
					     "value", "outcome" };
	const char *at = log_value(arena, text);

	(void)length;
	for (size_t i = 0; i < COUNT(names); i++) {
		at = skip_field(at, names[i]);
		assert(*at == (i + 1 < COUNT(names) ? ' ' : '\n'));
		at++;
	}
	assert(*at == '\0');
}
