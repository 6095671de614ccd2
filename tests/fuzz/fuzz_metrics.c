/* Whatever the file of counts contains, each line of its text is one sample or
 * comment, and no pid is invented.  The input is the end of the first slot, and
 * then the entries of add-ons. */
#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/metrics/counters.h"

enum { SLOT_PART = 64, ADDONS_WRITTEN = 4 };

static int counts; /* the file, opened for writing */

static void open_counts(struct arena *arena)
{
	static const char signature[16] = "provisor counts";
	const char *path =
		fuzz_write(arena, "counts", signature, sizeof signature);

	counts = open(path, O_WRONLY | O_CLOEXEC);
	assert(counts >= 0
	       && ftruncate(counts, sizeof(struct metrics_file)) == 0);
	assert(metrics_open(path, METRICS_READER));
}

static void write_counts(size_t offset, const char *text, size_t length)
{
	assert(pwrite(counts, text, length, (off_t)offset) == (ssize_t)length);
}

static void fill_counts(struct arena *arena, const char *text, size_t length)
{
	size_t entries = ADDONS_WRITTEN * sizeof(struct metrics_addon);
	size_t part = length < SLOT_PART ? length : SLOT_PART;
	char *bytes = arena_alloc(arena, SLOT_PART + entries);

	if (length > SLOT_PART + entries)
		length = SLOT_PART + entries;
	memcpy(bytes, text, part);
	memcpy(bytes + SLOT_PART, text + part, length - part);
	write_counts(offsetof(struct metrics_file, slots), bytes, SLOT_PART);
	write_counts(offsetof(struct metrics_file, addons), bytes + SLOT_PART,
		     entries);
}

/* The name, labels in braces with quoted values, and a number. */
static void assert_sample(const char *line, size_t length)
{
	size_t at = strspn(line, "abcdefghijklmnopqrstuvwxyz_");

	assert(at > 0 && strncmp(line, "provisor_", 9) == 0);
	while (line[at] == '{' || line[at] == ',') {
		at += 1 + strspn(line + at + 1, "abcdefghijklmnopqrstuvwxyz_");
		assert(line[at] == '=' && line[at + 1] == '"');
		at += 2;
		at += strspn(line + at,
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz"
			     "0123456789-._+");
		assert(line[at] == '"');
		at++;
	}
	at += line[at] == '}';
	assert(line[at] == ' ' && strspn(line + at + 1, "0123456789.") > 0);
	at += 1 + strspn(line + at + 1, "0123456789.");
	assert(at == length);
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	pid_t pids[METRICS_SLOTS];
	uint64_t count;
	int64_t last;

	if (!counts)
		open_counts(arena);
	fill_counts(arena, text, length);
	text = metrics_text(arena);
	for (size_t line; *text; text += line + 1) {
		line = strcspn(text, "\n");
		assert(text[line] == '\n');
		if (*text != '#')
			assert_sample(text, line);
	}
	/* No process holds a slot. */
	assert(metrics_pids(METRICS_WORKER, pids, METRICS_SLOTS) == 0);
	(void)!metrics_old_secret_used("heroku", "one", &count, &last);
}
