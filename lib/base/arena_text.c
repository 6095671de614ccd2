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

/* Most texts fit into a buffer and are formatted once; the buffer is wiped
 * because a text may contain a secret. */
char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
{
	char buffer[512];
	va_list again;
	char *text;
	size_t length;

	va_copy(again, arguments);
	length = (size_t)vsnprintf(buffer, sizeof buffer, format, arguments);
	text = arena_alloc(arena, length + 1);
	if (length < sizeof buffer)
		memcpy(text, buffer, length);
	else
		vsnprintf(text, length + 1, format, again);
	va_end(again);
	explicit_bzero(buffer, length < sizeof buffer ? length : sizeof buffer);
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
