/* Fields that are encoded and read again are the same.  No value is longer than
 * the form, and all are UTF-8. */
#include "fuzz.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/utf8.h"
#include "lib/text/form.h"
#include "lib/text/percent.h"

static const char *encode(struct arena *arena, const struct form *form)
{
	const char *text = "";

	for (int i = 0; i < form->count; i++)
		text = arena_printf(
			arena, "%s%s=%s&", text,
			percent_encode(arena, form->fields[i].name),
			percent_encode(arena, form->fields[i].value));
	return text;
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	struct form *form = arena_alloc(arena, sizeof *form);
	struct form *again = arena_alloc(arena, sizeof *again);
	const char *encoded;

	if (form_read(arena, fuzz_bare(arena, text, length), length, form)
	    != OUTCOME_OK)
		return;
	assert(form->count <= FORM_MOST);
	for (int i = 0; i < form->count; i++) {
		const struct form_field *field = &form->fields[i];

		assert(strlen(field->name) + strlen(field->value) <= length);
		assert(utf8_is_valid(field->name));
		assert(utf8_is_valid(field->value));
		assert(form_count(form, field->name) > 0);
	}
	encoded = encode(arena, form);
	if (strlen(encoded) > FORM_LARGEST)
		return;
	assert(form_read(arena, encoded, strlen(encoded), again) == OUTCOME_OK);
	assert(form->count == again->count);
	for (int i = 0; i < form->count; i++) {
		assert(strcmp(form->fields[i].name, again->fields[i].name)
		       == 0);
		assert(strcmp(form->fields[i].value, again->fields[i].value)
		       == 0);
	}
}
