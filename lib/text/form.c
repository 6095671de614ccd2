#include "lib/text/form.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/utf8.h"
#include "lib/text/percent.h"

static bool is_form_byte(char byte)
{
	return (unsigned char)byte > ' ' && byte != 0x7f;
}

/* Return NULL for a text that no browser would send. */
static const char *decode_form_text(struct arena *arena, const char *text,
				    size_t length)
{
	char *decoded = arena_alloc(arena, length + 1);
	char *out = decoded;

	for (size_t i = 0; i < length; i++, out++) {
		if (!is_form_byte(text[i]))
			return NULL;
		*out = text[i];
		if (text[i] == '+')
			*out = ' ';
		if (text[i] != '%')
			continue;
		if (!percent_read(text + i, length - i, out))
			return NULL;
		i += 2;
	}
	return utf8_is_valid(decoded) ? decoded : NULL;
}

/* Read "name=value" or "name". */
static bool read_form_field(struct arena *arena, const char *text,
			    size_t length, struct form_field *field)
{
	const char *equals = memchr(text, '=', length);
	size_t name = equals ? (size_t)(equals - text) : length;

	field->name = decode_form_text(arena, text, name);
	field->value = equals
		? decode_form_text(arena, equals + 1, length - name - 1)
		: "";
	return field->name && field->value;
}

enum outcome form_read(struct arena *arena, const char *text, size_t length,
		       struct form *form)
{
	const char *end = text + length;

	form->count = 0;
	if (length > FORM_LARGEST)
		return OUTCOME_TOO_LARGE;
	while (text < end) {
		const char *and = memchr(text, '&', (size_t)(end - text));
		const char *stop = and? and : end;

		if (stop > text) {
			if (form->count == FORM_MOST)
				return OUTCOME_TOO_LARGE;
			if (!read_form_field(arena, text, (size_t)(stop - text),
					     &form->fields[form->count++]))
				return OUTCOME_MALFORMED;
		}
		text = stop + 1;
	}
	return OUTCOME_OK;
}

const char *form_value(const struct form *form, const char *name)
{
	for (int i = 0; i < form->count; i++)
		if (strcmp(form->fields[i].name, name) == 0)
			return form->fields[i].value;
	return NULL;
}

int form_count(const struct form *form, const char *name)
{
	int count = 0;

	for (int i = 0; i < form->count; i++)
		count += strcmp(form->fields[i].name, name) == 0;
	return count;
}
