/* Only valid JSON is accepted, and a value that is written can be read again.
 */
#include "fuzz.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/utf8.h"
#include "lib/text/json.h"
#include "lib/text/json_reader.h"

static bool is_valid(struct arena *arena, const char *text, size_t length)
{
	struct json_fault fault = { NULL, length + 1 };
	bool is = json_read(arena, fuzz_bare(arena, text, length), length,
			    &fault);

	assert(is || (fault.what && fault.offset <= length));
	return is;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_number(const struct json *value)
{
	return !json_is_object(value) && !json_is_array(value)
		&& !json_is_null(value) && !json_is_bool(value)
		&& !json_text(value);
}

/* A number that exceeds a double is valid JSON and is written as null.
 * provisor never writes a number that it has read. */
static bool same_kind(const struct json *a, const struct json *b)
{
	if (is_number(a) && json_is_null(b))
		return true;
	return json_is_object(a) == json_is_object(b)
		&& json_is_array(a) == json_is_array(b)
		&& json_is_null(a) == json_is_null(b)
		&& json_is_bool(a) == json_is_bool(b)
		&& same_text(json_text(a), json_text(b));
}

static bool same(const struct json *a, const struct json *b)
{
	if (!same_kind(a, b))
		return false;
	a = json_first(a);
	b = json_first(b);
	for (; a && b; a = json_next(a), b = json_next(b))
		if (!same_text(json_name(a), json_name(b)) || !same(a, b))
			return false;
	return !a && !b;
}

/* Return true if text has a \u0000 whose backslash is not escaped. */
static bool has_zero(const char *text)
{
	const char *at = text;

	while ((at = strstr(at, "\\u0000"))) {
		const char *start = at;

		while (start > text && start[-1] == '\\')
			start--;
		if ((at - start) % 2 == 0)
			return true;
		at++;
	}
	return false;
}

/* Valid JSON with one byte more, or one bracket less, is not valid. */
static void assert_strict(struct arena *arena, const char *text, size_t length)
{
	size_t end = length;

	assert(strlen(text) == length && utf8_is_valid(text));
	assert(!has_zero(text));
	assert(!is_valid(arena, arena_printf(arena, "%s]", text), length + 1));
	while (strchr(" \t\r\n", text[end - 1]))
		end--;
	if (strchr("]}\"", text[end - 1]))
		assert(!is_valid(arena, text, end - 1));
	for (size_t i = 0; i < length; i++)
		assert((unsigned char)text[i] >= ' '
		       || strchr("\t\r\n", text[i]));
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	const char *why = NULL, *printed;
	const struct json *value =
		json_parse(arena, fuzz_bare(arena, text, length), length, &why);
	const struct json *again;

	if (is_valid(arena, text, length))
		assert_strict(arena, text, length);
	else
		assert(!value);
	if (!value) {
		assert(why && utf8_is_valid(why));
		return;
	}
	printed = json_print(arena, value);
	again = json_parse(arena, printed, strlen(printed), &why);
	assert(again && same(value, again));
	assert(strcmp(json_print(arena, again), printed) == 0);
}
