/*
 * json.h - reading and writing JSON values.
 *
 * json.c is the only file that includes cJSON.  Values belong to the arena
 * they were made with and are borrowed by everybody else.  Names compare with
 * regard to case.
 */
#ifndef LIB_TEXT_JSON_H
#define LIB_TEXT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct json;

/*
 * The value that text is, or NULL when text is not proper JSON
 * (json_syntax.h) or an object in it has two members of one name.  *why is
 * then a sentence without its end, such as "line 3: a colon is missing".
 */
const struct json *json_parse(struct arena *arena, const char *text,
			      size_t length, const char **why);

/* A member of an object; NULL when absent, or when object is none (or NULL). */
const struct json *json_member(const struct json *object, const char *name);

/* All of these take NULL, which is no kind of value. */
bool json_is_object(const struct json *value);
bool json_is_array(const struct json *value);
bool json_is_null(const struct json *value);
bool json_is_bool(const struct json *value);
bool json_is_true(const struct json *value);

/* The text of a string; NULL for every other kind. */
const char *json_text(const struct json *value);

/* Is value a number equal to this one? */
bool json_is_number(const struct json *value, int number);

/* The value of a whole number up to 2^53 either way; fallback where value is
 * none. */
int64_t json_integer(const struct json *value, int64_t fallback);

/* Entries of an array or object in their order; NULL at the end. */
const struct json *json_first(const struct json *list);
const struct json *json_next(const struct json *entry);
int json_count(const struct json *list);

/* The name of an object's member. */
const char *json_name(const struct json *member);

/* An empty object, for the functions below. */
struct json *json_object(struct arena *arena);

/* Add a member; text NULL adds none.  The name must be new to object. */
void json_put_text(struct json *object, const char *name, const char *text);

/* Add a number; the same holds for its name. */
void json_put_int(struct json *object, const char *name, int number);

/* Add a copy of value; NULL adds JSON's null. */
void json_put(struct json *object, const char *name, const struct json *value);

/* An empty array, and a copy of value as its new last entry. */
struct json *json_array(struct arena *arena);
void json_append(struct json *array, const struct json *value);

/* A copy of an object's members, for the functions above; none of NULL. */
struct json *json_copy(struct arena *arena, const struct json *object);

/* A copy of an object, its members sorted by name. */
const struct json *json_sorted(struct arena *arena, const struct json *object);

/* The shortest text of value; always the same for the same value. */
const char *json_print(struct arena *arena, const struct json *value);

#endif
