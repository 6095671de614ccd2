#include "lib/text/json.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/text/json_syntax.h"

static void *allocate_or_abort(size_t size)
{
	return must(malloc(size));
}

/* Wipe memory before it is freed, because JSON often contains secrets. */
static void wipe_and_free(void *memory)
{
	if (memory)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

static void set_memory_hooks(void)
{
	cJSON_InitHooks(&(cJSON_Hooks){ allocate_or_abort, wipe_and_free });
}

static const cJSON *cjson_of(const struct json *value)
{
	return (const cJSON *)value;
}

static const struct json *json_of(const cJSON *tree)
{
	return (const struct json *)tree;
}

static void delete_tree(void *tree)
{
	cJSON_Delete(tree);
}

static int count_lines(const char *text, size_t length)
{
	int lines = 1;

	for (size_t i = 0; i < length; i++)
		lines += text[i] == '\n';
	return lines;
}

static int compare_member_names(const void *a, const void *b)
{
	const cJSON *const *left = a;
	const cJSON *const *right = b;

	return strcmp((*left)->string, (*right)->string);
}

/* Return the members of object, sorted by name. */
static const cJSON **sort_members(struct arena *arena, const cJSON *object)
{
	size_t count = (size_t)cJSON_GetArraySize(object);
	const cJSON **members = arena_alloc(arena, count * sizeof *members);
	const cJSON *member;
	size_t i = 0;

	cJSON_ArrayForEach(member, object) members[i++] = member;
	qsort(members, count, sizeof *members, compare_member_names);
	return members;
}

static bool has_duplicate_member(struct arena *arena, const cJSON *tree)
{
	const cJSON *child;

	if (cJSON_IsObject(tree)) {
		const cJSON **members = sort_members(arena, tree);
		int count = cJSON_GetArraySize(tree);

		for (int i = 1; i < count; i++)
			if (compare_member_names(&members[i - 1], &members[i])
			    == 0)
				return true;
	}
	cJSON_ArrayForEach(child, tree) if (has_duplicate_member(
						    arena, child)) return true;
	return false;
}

const struct json *json_parse(struct arena *arena, const char *text,
			      size_t length, const char **why)
{
	struct json_fault fault;
	cJSON *tree;

	if (!json_syntax_check(text, length, &fault)) {
		*why = arena_printf(arena, "line %d: %s",
				    count_lines(text, fault.offset),
				    fault.what);
		return NULL;
	}
	set_memory_hooks();
	tree = cJSON_ParseWithLength(text, length);
	if (!tree) {
		*why = "a number has too many digits";
		return NULL;
	}
	arena_defer(arena, delete_tree, tree);
	if (has_duplicate_member(arena, tree)) {
		*why = "an object has two members of one name";
		return NULL;
	}
	return json_of(tree);
}

const struct json *json_member(const struct json *object, const char *name)
{
	if (!json_is_object(object))
		return NULL;
	return json_of(
		cJSON_GetObjectItemCaseSensitive(cjson_of(object), name));
}

bool json_is_object(const struct json *value)
{
	return cJSON_IsObject(cjson_of(value));
}

bool json_is_array(const struct json *value)
{
	return cJSON_IsArray(cjson_of(value));
}

bool json_is_text_object(const struct json *value)
{
	const struct json *member = json_first(value);

	while (member && json_text(member))
		member = json_next(member);
	return json_is_object(value) && !member;
}

bool json_is_null(const struct json *value)
{
	return cJSON_IsNull(cjson_of(value));
}

bool json_is_bool(const struct json *value)
{
	return cJSON_IsBool(cjson_of(value));
}

bool json_is_true(const struct json *value)
{
	return cJSON_IsTrue(cjson_of(value));
}

const char *json_text(const struct json *value)
{
	return cJSON_GetStringValue(cjson_of(value));
}

bool json_is_number(const struct json *value, int number)
{
	return cJSON_IsNumber(cjson_of(value))
		&& cJSON_GetNumberValue(cjson_of(value)) == number;
}

/* Beyond 2^53 a double cannot represent every whole number. */
int64_t json_integer(const struct json *value, int64_t fallback)
{
	double number = cJSON_IsNumber(cjson_of(value))
		? cJSON_GetNumberValue(cjson_of(value))
		: 0.5;

	if (!(number >= -0x1p53 && number <= 0x1p53)
	    || number != (double)(int64_t)number)
		return fallback;
	return (int64_t)number;
}

const struct json *json_first(const struct json *list)
{
	return list ? json_of(cjson_of(list)->child) : NULL;
}

const struct json *json_next(const struct json *entry)
{
	return json_of(cjson_of(entry)->next);
}

int json_count(const struct json *list)
{
	return cJSON_GetArraySize(cjson_of(list));
}

const char *json_name(const struct json *member)
{
	return cjson_of(member)->string;
}

struct json *json_object(struct arena *arena)
{
	cJSON *object;

	set_memory_hooks();
	object = must(cJSON_CreateObject());
	arena_defer(arena, delete_tree, object);
	return (struct json *)object;
}

void json_put_text(struct json *object, const char *name, const char *text)
{
	if (text)
		must(cJSON_AddStringToObject((cJSON *)object, name, text));
}

void json_put_int(struct json *object, const char *name, int number)
{
	must(cJSON_AddNumberToObject((cJSON *)object, name, number));
}

void json_put(struct json *object, const char *name, const struct json *value)
{
	cJSON *copy = must(value ? cJSON_Duplicate(cjson_of(value), true)
				 : cJSON_CreateNull());

	cJSON_AddItemToObject((cJSON *)object, name, copy);
}

struct json *json_array(struct arena *arena)
{
	cJSON *array;

	set_memory_hooks();
	array = must(cJSON_CreateArray());
	arena_defer(arena, delete_tree, array);
	return (struct json *)array;
}

void json_append(struct json *array, const struct json *value)
{
	cJSON_AddItemToArray((cJSON *)array,
			     must(cJSON_Duplicate(cjson_of(value), true)));
}

struct json *json_copy(struct arena *arena, const struct json *object)
{
	struct json *copy = json_object(arena);
	const struct json *member;

	for (member = json_first(object); member; member = json_next(member))
		json_put(copy, json_name(member), member);
	return copy;
}

const struct json *json_sorted(struct arena *arena, const struct json *object)
{
	const cJSON **members = sort_members(arena, cjson_of(object));
	struct json *sorted = json_object(arena);
	int count = json_count(object);

	for (int i = 0; i < count; i++)
		json_put(sorted, members[i]->string, json_of(members[i]));
	return sorted;
}

const char *json_print(struct arena *arena, const struct json *value)
{
	char *printed = must(cJSON_PrintUnformatted(cjson_of(value)));
	char *text = arena_strdup(arena, printed);

	cJSON_free(printed);
	return text;
}
