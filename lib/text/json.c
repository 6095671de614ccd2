#include "lib/text/json.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/utf8.h"
#include "lib/text/json_memory.h"
#include "lib/text/json_reader.h"

/* An object or array that can be added to. */
struct json_list {
	struct arena *arena;
	cJSON tree;
};

static struct json *new_list(struct arena *arena, int type)
{
	struct json_list *list = arena_alloc(arena, sizeof *list);

	list->arena = arena;
	list->tree.type = type;
	return (struct json *)&list->tree;
}

/* Every value that is not const was made by new_list().  Return it, and let
 * cJSON allocate from its arena. */
static cJSON *extend(struct json *list)
{
	char *tree = (char *)list;

	json_allocate_from(
		((struct json_list *)(tree - offsetof(struct json_list, tree)))
			->arena);
	return (cJSON *)list;
}

static const cJSON *cjson_of(const struct json *value)
{
	return (const cJSON *)value;
}

static const struct json *json_of(const cJSON *tree)
{
	return (const struct json *)tree;
}

/* For functions of cJSON that do not change a value, but whose types say so. */
static cJSON *writable(const struct json *value)
{
	cJSON *tree;

	memcpy(&tree, &value, sizeof tree);
	return tree;
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

/* Compare each member with those before it. */
static const char *find_duplicate_of_few(const cJSON *object)
{
	const cJSON *member = object->child, *other;

	for (; member; member = member->next)
		for (other = object->child; other != member;
		     other = other->next)
			if (*other->string == *member->string
			    && strcmp(other->string, member->string) == 0)
				return member->string;
	return NULL;
}

static const char *find_duplicate_of_many(struct arena *arena,
					  const cJSON *object, int count)
{
	const cJSON **members = sort_members(arena, object);

	for (int i = 1; i < count; i++)
		if (compare_member_names(&members[i - 1], &members[i]) == 0)
			return members[i]->string;
	return NULL;
}

/* Return a name that two members of an object have, or NULL. */
static const char *find_duplicate_name(struct arena *arena, const cJSON *tree)
{
	enum { FEW = 16 }; /* faster to compare than to sort */
	int count = cJSON_GetArraySize(tree);
	const char *name = NULL;
	const cJSON *child;

	if (cJSON_IsObject(tree))
		name = count <= FEW
			? find_duplicate_of_few(tree)
			: find_duplicate_of_many(arena, tree, count);
	for (child = tree->child; child && !name; child = child->next)
		name = find_duplicate_name(arena, child);
	return name;
}

static const char *describe_duplicate(struct arena *arena, const char *name)
{
	enum { LONGEST_SHOWN = 64 };
	static const char what[] = "an object has two members with the same "
				   "name";

	return strlen(name) <= LONGEST_SHOWN
		? arena_printf(arena, "%s, \"%s\"", what, name)
		: what;
}

const struct json *json_parse(struct arena *arena, const char *text,
			      size_t length, const char **why)
{
	struct json_fault fault;
	const cJSON *tree = json_read(arena, text, length, &fault);
	const char *duplicate;

	if (!tree) {
		*why = arena_printf(arena, "line %d: %s",
				    count_lines(text, fault.offset),
				    fault.what);
		return NULL;
	}
	duplicate = find_duplicate_name(arena, tree);
	if (duplicate) {
		*why = describe_duplicate(arena, duplicate);
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

bool json_has_text(const struct json *array, const char *text)
{
	const struct json *entry =
		json_is_array(array) ? json_first(array) : NULL;

	while (entry
	       && !(json_text(entry) && strcmp(json_text(entry), text) == 0))
		entry = json_next(entry);
	return entry;
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
	return new_list(arena, cJSON_Object);
}

void json_put_text(struct json *object, const char *name, const char *text)
{
	if (text)
		must(cJSON_AddStringToObject(extend(object), name, text));
}

void json_put_int(struct json *object, const char *name, int number)
{
	must(cJSON_AddNumberToObject(extend(object), name, number));
}

void json_put_bool(struct json *object, const char *name, bool is_true)
{
	must(cJSON_AddBoolToObject((cJSON *)object, name, is_true));
}

void json_put(struct json *object, const char *name, const struct json *value)
{
	cJSON *to = extend(object);
	cJSON *copy = must(value ? cJSON_Duplicate(cjson_of(value), true)
				 : cJSON_CreateNull());

	cJSON_AddItemToObject(to, name, copy);
}

void json_refer(struct json *object, const char *name, const struct json *value)
{
	if (value)
		cJSON_AddItemReferenceToObject(extend(object), name,
					       writable(value));
	else
		json_put(object, name, NULL);
}

struct json *json_array(struct arena *arena)
{
	return new_list(arena, cJSON_Array);
}

void json_append(struct json *array, const struct json *value)
{
	cJSON *to = extend(array);

	cJSON_AddItemToArray(to, must(cJSON_Duplicate(cjson_of(value), true)));
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
	size_t size;
	char *text = arena_rest(arena, &size);
	cJSON *tree = writable(value);

	if (size <= INT_MAX
	    && cJSON_PrintPreallocated(tree, text, (int)size, false))
		return arena_alloc(arena, strlen(text) + 1);
	arena_wipe_rest(arena);
	json_allocate_from(arena);
	return must(cJSON_PrintUnformatted(tree));
}

/* Return the code of a character of one to three bytes. */
static unsigned int code_of(const char *character, size_t length)
{
	unsigned int code = (unsigned char)character[0];

	if (length > 1)
		code &= 0xffU >> (length + 1);
	for (size_t i = 1; i < length; i++)
		code = code << 6 | ((unsigned char)character[i] & 0x3f);
	return code;
}

/* Control characters occur only within strings, where they may be escaped. */
/* Return true if text has nothing but printable ASCII characters. */
static bool is_plain(const char *text)
{
	while (*text >= ' ' && *text <= '~')
		text++;
	return *text == '\0';
}

const char *json_print_for_terminal(struct arena *arena,
				    const struct json *value)
{
	enum { ESCAPED = sizeof "\\u0000" - 1 };
	const char *text = json_print(arena, value);
	size_t left = strlen(text);
	char *escaped, *out;

	if (is_plain(text))
		return text;
	escaped = out = arena_alloc(arena, left * ESCAPED + 1);
	while (left > 0) {
		size_t length = utf8_take(text, left);

		if (length > 0 && utf8_is_control(text, length))
			out += sprintf(out, "\\u%04x", code_of(text, length));
		else
			out = mempcpy(out, text, length > 0 ? length : 1);
		text += length > 0 ? length : 1;
		left -= length > 0 ? length : 1;
	}
	return escaped;
}
