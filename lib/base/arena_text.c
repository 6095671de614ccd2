/*
 * arena_text.c - copies and formats texts in an arena.
 */
#include "lib/base/arena.h"

#include <stdio.h>
#include <string.h>

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	if (length > 0)
		memcpy(copy, text, length);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

char *arena_join_texts(struct arena *arena, const char *const texts[],
		       size_t count)
{
	size_t length = 0;
	char *joined, *end;

	for (size_t i = 0; i < count; i++)
		length += texts[i] ? strlen(texts[i]) : 0;
	joined = end = arena_alloc(arena, length + 1);
	for (size_t i = 0; i < count; i++)
		if (texts[i])
			end = stpcpy(end, texts[i]);
	return joined;
}

char *arena_number(struct arena *arena, int64_t number)
{
	char digits[sizeof "-9223372036854775808"];
	char *start = digits + sizeof digits;
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;

	do
		*--start = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (number < 0)
		*--start = '-';
	return arena_strndup(arena, start,
			     (size_t)(digits + sizeof digits - start));
}

/* Most texts fit into the block and are formatted once. */
char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
{
	va_list again;
	size_t size, length;
	char *text = arena_rest(arena, &size);

	va_copy(again, arguments);
	length = (size_t)vsnprintf(text, size, format, arguments);
	if (length >= size)
		arena_wipe_rest(arena);
	text = arena_alloc(arena, length + 1);
	if (length >= size)
		vsnprintf(text, length + 1, format, again);
	va_end(again);
	return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = arena_vprintf(arena, format, arguments);
	va_end(arguments);
	return text;
}
