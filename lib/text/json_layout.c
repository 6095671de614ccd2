#include "lib/text/json_layout.h"

#include <stddef.h>
#include <string.h>

#include "lib/base/arena.h"

struct layout {
	char *text; /* NULL: only the length is counted */
	size_t length;
	size_t depth;
};

static void put_layout(struct layout *layout, const char *bytes, size_t length)
{
	if (layout->text)
		memcpy(layout->text + layout->length, bytes, length);
	layout->length += length;
}

static void break_line(struct layout *layout)
{
	put_layout(layout, "\n", 1);
	for (size_t i = 0; i < layout->depth; i++)
		put_layout(layout, "  ", 2);
}

/* Return the length of the string that begins at text. */
static size_t string_length(const char *text)
{
	size_t length = 1;

	while (text[length] != '"')
		length += text[length] == '\\' ? 2 : 1;
	return length + 1;
}

/* An empty list stays on its line. */
static void begin_list(struct layout *layout, const char *text)
{
	put_layout(layout, text, 1);
	if (strchr("]}", text[1]))
		return;
	layout->depth++;
	break_line(layout);
}

static void end_list(struct layout *layout, const char *text)
{
	if (!strchr("[{", text[-1])) {
		layout->depth--;
		break_line(layout);
	}
	put_layout(layout, text, 1);
}

/* Put the string or the character at text.  Return its length. */
static size_t put_part(struct layout *layout, const char *text)
{
	size_t length = *text == '"' ? string_length(text) : 1;

	if (strchr("[{", *text))
		begin_list(layout, text);
	else if (strchr("]}", *text))
		end_list(layout, text);
	else
		put_layout(layout, text, length);
	if (*text == ',')
		break_line(layout);
	if (*text == ':')
		put_layout(layout, " ", 1);
	return length;
}

const char *json_layout(struct arena *arena, const char *text)
{
	struct layout layout = { .text = NULL };

	for (const char *at = text; *at;)
		at += put_part(&layout, at);
	layout = (struct layout){
		.text = arena_alloc(arena, layout.length + 1),
	};
	for (const char *at = text; *at;)
		at += put_part(&layout, at);
	return layout.text;
}
