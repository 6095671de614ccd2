#include "lib/process/call_message.h"

#include <string.h>

#include "lib/base/arena.h"

/* ---- writing ---- */

struct call_writer {
	char *texts;
	size_t length;
	bool is_too_long;
};

static void write_call_text(struct call_writer *writer, const char *text)
{
	size_t size = strlen(text) + 1;

	if (size > CALL_LONGEST - writer->length) {
		writer->is_too_long = true;
		return;
	}
	memcpy(writer->texts + writer->length, text, size);
	writer->length += size;
}

/* Return the number of texts. */
static uint16_t write_call_list(struct call_writer *writer,
				const char *const *list)
{
	uint16_t count = 0;

	for (; list[count] && count < CALL_MOST_TEXTS; count++)
		write_call_text(writer, list[count]);
	writer->is_too_long |= list[count] != NULL;
	return count;
}

const char *call_message_write(struct arena *arena,
			       const struct call_message *call, size_t *length)
{
	struct call_header header = {
		.version = CALL_VERSION,
		.deadline = call->deadline,
		.grace = call->grace,
	};
	char *message = arena_alloc(arena, sizeof header + CALL_LONGEST);
	struct call_writer writer = { .texts = message + sizeof header };

	write_call_text(&writer, call->path);
	write_call_text(&writer, call->folder);
	header.arguments = write_call_list(&writer, call->arguments);
	header.environment = write_call_list(&writer, call->environment);
	header.length = (uint32_t)writer.length;
	memcpy(message, &header, sizeof header);
	*length = sizeof header + writer.length;
	return writer.is_too_long ? NULL : message;
}

/* ---- reading ---- */

struct call_reader {
	const char *next;
	size_t left; /* bytes; the last one is '\0' */
};

bool call_message_accepts(const struct call_header *header)
{
	return header->version == CALL_VERSION && header->length > 0
		&& header->length <= CALL_LONGEST && header->grace >= 0
		&& header->grace <= CALL_LONGEST_GRACE
		&& header->arguments <= CALL_MOST_TEXTS
		&& header->environment <= CALL_MOST_TEXTS;
}

/* Return NULL if no text is left. */
static const char *read_call_text(struct call_reader *reader)
{
	const char *text = reader->next;
	size_t size;

	if (reader->left == 0)
		return NULL;
	size = strlen(text) + 1;
	reader->next += size;
	reader->left -= size;
	return text;
}

/* Return NULL if the list is not complete. */
static const char *const *read_call_list(struct arena *arena,
					 struct call_reader *reader, int count)
{
	const char **list =
		arena_alloc(arena, ((size_t)count + 1) * sizeof *list);

	for (int i = 0; i < count; i++) {
		list[i] = read_call_text(reader);
		if (!list[i])
			return NULL;
	}
	return list;
}

/* Nothing runs without a name. */
static bool is_call_sound(const struct call_message *call)
{
	return call->path && call->folder && call->arguments
		&& call->environment
		&& (call_message_is_question(call)
		    || (call->path[0] == '/' && call->folder[0] == '/'
			&& call->arguments[0]));
}

bool call_message_read(struct arena *arena, const struct call_header *header,
		       const char *texts, struct call_message *call)
{
	struct call_reader reader = { .next = texts, .left = header->length };

	if (texts[reader.left - 1] != '\0')
		return false;
	*call = (struct call_message){
		.deadline = header->deadline,
		.grace = header->grace,
	};
	call->path = read_call_text(&reader);
	call->folder = read_call_text(&reader);
	call->arguments = read_call_list(arena, &reader, header->arguments);
	call->environment = read_call_list(arena, &reader, header->environment);
	return reader.left == 0 && is_call_sound(call);
}

bool call_message_is_question(const struct call_message *call)
{
	return *call->path == '\0';
}
