/* Wherever the output of a hook is divided, the same lines are logged: none is
 * longer than the limit, and none comes after the last that is allowed.  The
 * first byte of the input is the size of the pieces. */
#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/log.h"
#include "lib/base/utf8.h"
#include "lib/listener/hook_log.h"

enum {
	LONGEST_LOG = 1 << 20,
	LONGEST_TIME = 40 /* of a log line: time=... and the blank after it */
};

/* Return the log of a process that has written length bytes in pieces. */
static const char *log_output(struct arena *arena, const char *text,
			      size_t length, size_t piece)
{
	static bool is_open;
	const char *path = fuzz_write(arena, "log", "", 0);
	char *lines = arena_alloc(arena, LONGEST_LOG + 1);
	struct hook_log log = { .file = "hook" };
	int file;

	is_open = is_open || log_to(path);
	for (size_t at = 0; at < length; at += piece)
		hook_log_take(&log, text + at,
			      length - at < piece ? length - at : piece);
	hook_log_end(&log);
	file = open(path, O_RDONLY | O_CLOEXEC);
	assert(is_open && read(file, lines, LONGEST_LOG) < LONGEST_LOG);
	close(file);
	return lines;
}

/* Return the line without its time. */
static const char *skip_time(const char *line)
{
	const char *blank = strchr(line, ' ');

	assert(strncmp(line, "time=", strlen("time=")) == 0);
	assert(blank && blank - line < LONGEST_TIME);
	return blank;
}

static const char *end_of_line(const char *line)
{
	const char *end = strchr(line, '\n');

	assert(end);
	return end;
}

static void assert_same_lines(const char *lines, const char *others)
{
	while (*lines) {
		const char *end = end_of_line(lines);
		const char *other_end = end_of_line(others);
		size_t length;

		lines = skip_time(lines);
		others = skip_time(others);
		length = (size_t)(end - lines);
		assert((size_t)(other_end - others) == length);
		assert(memcmp(lines, others, length) == 0);
		lines = end + 1;
		others = other_end + 1;
	}
	assert(!*others);
}

static int count_lines(const char *lines)
{
	int count = 0;

	for (; *lines; lines = end_of_line(lines) + 1)
		count++;
	return count;
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	size_t piece;
	const char *lines;

	if (length < 1)
		return;
	piece = (unsigned char)text[0] + 1u;
	text = fuzz_bare(arena, text + 1, --length);
	lines = log_output(arena, text, length, piece);
	assert(utf8_is_valid(lines));
	/* The last line has the number of dropped lines. */
	assert(count_lines(lines) <= HOOK_LOG_MOST_LINES + 1);
	assert_same_lines(lines, log_output(arena, text, length, length + 1));
}
