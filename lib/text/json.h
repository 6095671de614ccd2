/*
 * json.h - reads and writes JSON values.
 *
 * Values belong to the arena with which they were created.  Names are
 * case-sensitive.  Unless its comment says otherwise, a function accepts NULL
 * as a value; NULL has none of the JSON types.
 */
#ifndef LIB_TEXT_JSON_H
#define LIB_TEXT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/base.h"

struct arena;
struct json;

/*
 * Parse text.  Return NULL if it is not valid JSON (json_reader.h), or if an
 * object in it has two members with the same name.  Then *why is a clause such
 * as "line 3: a colon is missing".
 */
MUST_CHECK const struct json *json_parse(struct arena *arena, const char *text,
					 size_t length, const char **why);

/* Return a member of an object, or NULL if it does not exist or object is not
 * an object. */
const struct json *json_member(const struct json *object, const char *name);

MUST_CHECK bool json_is_object(const struct json *value);
MUST_CHECK bool json_is_array(const struct json *value);
MUST_CHECK bool
json_is_text_object(const struct json *value); /* all values are strings */
MUST_CHECK bool json_is_null(const struct json *value);
MUST_CHECK bool json_is_bool(const struct json *value);
MUST_CHECK bool json_is_true(const struct json *value);

/* Return the text of a string, or NULL for every other kind. */
const char *json_text(const struct json *value);

/* Return true if an array contains this string. */
MUST_CHECK bool json_has_text(const struct json *array, const char *text);

/* Return true if value is a number equal to number. */
MUST_CHECK bool json_is_number(const struct json *value, int number);

/* Return the value of a whole number from -2^53 to 2^53, or fallback for
 * everything else. */
int64_t json_integer(const struct json *value, int64_t fallback);

/* Return the entries of an array or object in order, and NULL at the end.  The
 * entry for json_next() must not be NULL. */
const struct json *json_first(const struct json *list);
const struct json *json_next(const struct json *entry);
int json_count(const struct json *list);

/* Return the name of an object's member, which must not be NULL. */
const char *json_name(const struct json *member);

/* Return an empty object, for the functions below. */
MUST_CHECK struct json *json_object(struct arena *arena);

/* Add a member to object, which must not have a member with this name yet.  A
 * NULL text adds nothing. */
void json_put_text(struct json *object, const char *name, const char *text);
void json_put_int(struct json *object, const char *name, int number);
void json_put_bool(struct json *object, const char *name, bool is_true);

/* Add a copy of value, or JSON's null for NULL. */
void json_put(struct json *object, const char *name, const struct json *value);

/* Add value itself, without a copy, or JSON's null for NULL.  The value must
 * live as long as object, and must not change while object is used. */
void json_refer(struct json *object, const char *name,
		const struct json *value);

/* Return an empty array. */
MUST_CHECK struct json *json_array(struct arena *arena);

/* Add a copy of value, which must not be NULL, to the end of array. */
void json_append(struct json *array, const struct json *value);

/* Return a copy of an object, or an empty object for NULL. */
MUST_CHECK struct json *json_copy(struct arena *arena,
				  const struct json *object);

/* Return a copy of an object with its members sorted by name. */
const struct json *json_sorted(struct arena *arena, const struct json *object);

/* Return value as text without blanks: always the same text for the same
 * value. */
const char *json_print(struct arena *arena, const struct json *value);

/* Return value as JSON text in which each character that a terminal would obey
 * is escaped, as \u009b for example. */
const char *json_print_for_terminal(struct arena *arena,
				    const struct json *value);

#endif
