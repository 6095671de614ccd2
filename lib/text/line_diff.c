#include "lib/text/line_diff.h"

#include <stddef.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"

enum { MOST_CELLS = 4 * 1024 * 1024 };

struct line {
	const char *text;
	size_t length; /* without a comma at its end */
	size_t whole;
};

struct lines {
	size_t count;
	struct line *list;
};

/* The lines of both texts that are left to compare, and the lengths of the
 * longest common part of the lines from each pair on. */
struct comparison {
	struct lines before, after;
	unsigned int *common; /* NULL: there are too many lines */
	char *out;
	struct line_diff diff;
};

static struct line take_line(const char *text)
{
	size_t whole = strcspn(text, "\n");
	size_t comma = whole > 0 && text[whole - 1] == ',';

	return (struct line){ text, whole - comma, whole };
}

static struct lines split_lines(struct arena *arena, const char *text)
{
	struct lines lines = { .count = 1 };

	for (const char *c = text; *c; c++)
		lines.count += *c == '\n';
	lines.list = arena_alloc(arena, lines.count * sizeof *lines.list);
	for (size_t i = 0; i < lines.count; i++) {
		lines.list[i] = take_line(text);
		text += lines.list[i].whole + 1;
	}
	return lines;
}

static bool is_same_line(const struct line *a, const struct line *b)
{
	return a->length == b->length
		&& memcmp(a->text, b->text, a->length) == 0;
}

static unsigned int *cell(const struct comparison *c, size_t i, size_t k)
{
	return &c->common[i * (c->after.count + 1) + k];
}

static unsigned int larger(unsigned int a, unsigned int b)
{
	return a > b ? a : b;
}

static void fill_cell(const struct comparison *c, size_t i, size_t k)
{
	*cell(c, i, k) = is_same_line(&c->before.list[i], &c->after.list[k])
		? *cell(c, i + 1, k + 1) + 1
		: larger(*cell(c, i + 1, k), *cell(c, i, k + 1));
}

/* The last row and column stay 0. */
static void find_common(struct comparison *c, struct arena *arena)
{
	size_t rows = c->before.count + 1, columns = c->after.count + 1;

	if (rows > MOST_CELLS / columns)
		return;
	c->common = arena_alloc(arena, rows * columns * sizeof *c->common);
	for (size_t i = c->before.count; i-- > 0;)
		for (size_t k = c->after.count; k-- > 0;)
			fill_cell(c, i, k);
}

static void put_line(struct comparison *c, const char *mark,
		     const struct line *line)
{
	c->out = mempcpy(c->out, mark, 2);
	c->out = mempcpy(c->out, line->text, line->whole);
	*c->out++ = '\n';
}

static bool is_removed_next(const struct comparison *c, size_t i, size_t k)
{
	if (i == c->before.count || k == c->after.count)
		return i < c->before.count;
	return !c->common || *cell(c, i + 1, k) >= *cell(c, i, k + 1);
}

static void put_lines(struct comparison *c)
{
	size_t i = 0, k = 0;

	while (i < c->before.count || k < c->after.count) {
		bool has_both = i < c->before.count && k < c->after.count;

		if (has_both
		    && is_same_line(&c->before.list[i], &c->after.list[k])) {
			put_line(c, "  ", &c->after.list[k++]);
			i++;
		} else if (is_removed_next(c, i, k)) {
			put_line(c, "- ", &c->before.list[i++]);
			c->diff.removed++;
		} else {
			put_line(c, "+ ", &c->after.list[k++]);
			c->diff.added++;
		}
	}
}

struct line_diff line_diff(struct arena *arena, const char *before,
			   const char *after)
{
	struct comparison c = {
		.before = split_lines(arena, before),
		.after = split_lines(arena, after),
	};
	size_t marks = 3 * (c.before.count + c.after.count);

	find_common(&c, arena);
	c.out = arena_alloc(arena, strlen(before) + strlen(after) + marks + 1);
	c.diff.text = c.out;
	put_lines(&c);
	return c.diff;
}
