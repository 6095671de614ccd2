#include "lib/reconcile/list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/base/utf8.h"
#include "lib/text/csv.h"
#include "lib/text/json.h"
#include "lib/text/uuid.h"

enum { MAX_LIST = 256 * 1024 * 1024 }; /* bytes */

struct reconcile_listed_id {
	const char *text;
	const struct reconcile_listed *resource;
};

struct list_reader {
	struct arena *arena; /* of the list */
	struct arena *line_arena;
	struct reconcile_list *list;
	struct findings *findings;
};

static void refuse_list_line(struct list_reader *reader, int line,
			     const char *why)
{
	finding_error(reader->findings, "%s: line %d: %s", reader->list->path,
		      line, why);
}

/* ---- a resource ---- */

static const char *read_listed_id(struct arena *arena,
				  const struct json *object)
{
	static const char *const names[] = { "uuid", "marketplace_id", "id" };
	char uuid[UUID_LENGTH + 1];

	for (size_t i = 0; i < COUNT(names); i++) {
		const char *id = json_text(json_member(object, names[i]));

		if (id && *id)
			return arena_strdup(arena,
					    uuid_read(id, uuid) ? uuid : id);
	}
	return NULL;
}

/* A marketplace may write the plan as "SERVICE:PLAN". */
static const char *read_listed_plan(const struct json *object)
{
	const struct json *plan = json_member(object, "plan");
	const char *name = json_text(
		json_is_object(plan) ? json_member(plan, "name") : plan);
	const char *colon = name ? strchr(name, ':') : NULL;

	if (colon)
		name = colon + 1;
	return name && *name ? name : NULL;
}

static bool is_listed_state(const char *state)
{
	static const char *const states[] = { "provisioned", "provisioning",
					      "deprovisioned" };

	for (size_t i = 0; i < COUNT(states); i++)
		if (strcmp(state, states[i]) == 0)
			return true;
	return false;
}

static void add_listed(struct list_reader *reader, const struct json *object,
		       int line)
{
	struct reconcile_list *list = reader->list;
	const char *provider_id = json_text(json_member(object, "provider_id"));
	const char *state = json_text(json_member(object, "state"));
	struct reconcile_listed listed = {
		.marketplace_id = read_listed_id(reader->arena, object),
		.provider_id = provider_id && *provider_id ? provider_id : NULL,
		.plan = read_listed_plan(object),
		.state = state && *state ? state : "provisioned",
	};

	if (!listed.marketplace_id && !listed.provider_id) {
		refuse_list_line(reader, line,
				 "it has no id: name the member or column id, "
				 "uuid, marketplace_id or provider_id");
		return;
	}
	if (!is_listed_state(listed.state)) {
		refuse_list_line(reader, line,
				 "its state is unknown: write provisioned, "
				 "provisioning or deprovisioned");
		return;
	}
	list->resources[list->count++] = (struct reconcile_listed){
		.marketplace_id = listed.marketplace_id,
		.provider_id = arena_strdup(reader->arena, listed.provider_id),
		.plan = arena_strdup(reader->arena, listed.plan),
		.state = arena_strdup(reader->arena, listed.state),
	};
}

/* ---- the formats ---- */

static void read_list_object(struct list_reader *reader, const char *text,
			     size_t length, int line)
{
	const char *why = "it is not an object";
	const struct json *object =
		json_parse(reader->line_arena, text, length, &why);

	if (json_is_object(object))
		add_listed(reader, object, line);
	else
		refuse_list_line(reader, line, why);
	arena_reset(reader->line_arena);
}

static void read_list_lines(struct list_reader *reader, const char *text)
{
	int line = 1;

	for (const char *next; *text; text = next, line++) {
		size_t length = strcspn(text, "\n");

		next = text + length + (text[length] == '\n');
		if (strspn(text, " \t\r") < length)
			read_list_object(reader, text, length, line);
	}
}

/* The number of an element stands for its line. */
static void read_list_array(struct list_reader *reader, const char *text)
{
	const char *why = "it is not an array";
	const struct json *array =
		json_parse(reader->line_arena, text, strlen(text), &why);
	int number = 1;

	if (!json_is_array(array))
		finding_error(reader->findings, "%s: %s: correct it",
			      reader->list->path, why);
	for (const struct json *element = json_first(array); element;
	     element = json_next(element))
		add_listed(reader, element, number++);
	arena_reset(reader->line_arena);
}

static void read_list_record(struct list_reader *reader,
			     const struct csv_record *header,
			     const struct csv_record *record)
{
	struct json *object = json_object(reader->line_arena);

	for (int i = 0; i < record->count && i < header->count; i++)
		if (!json_member(object, header->fields[i]))
			json_put_text(object, header->fields[i],
				      record->fields[i]);
	add_listed(reader, object, record->line);
}

static void read_list_csv(struct list_reader *reader, const char *text)
{
	struct csv csv = { reader->arena, text, 1 };
	struct csv_record header, record;
	const char *why = NULL;

	if (csv_read(&csv, &header, &why)) {
		csv.arena = reader->line_arena;
		while (csv_read(&csv, &record, &why)) {
			read_list_record(reader, &header, &record);
			arena_reset(reader->line_arena);
		}
	}
	if (why)
		refuse_list_line(reader, csv.line, why);
}

/* A line, or a "{", begins at most one resource. */
static void allocate_list(struct list_reader *reader, const char *text)
{
	size_t most = 1;

	for (; *text; text++)
		most += *text == '\n' || *text == '{';
	reader->list->resources = arena_alloc(
		reader->arena, most * sizeof *reader->list->resources);
}

static void read_list_text(struct list_reader *reader, const char *text,
			   bool is_csv)
{
	static const char bom[] = "\xef\xbb\xbf"; /* from spreadsheets */

	if (strncmp(text, bom, strlen(bom)) == 0)
		text += strlen(bom);
	allocate_list(reader, text);
	if (is_csv)
		read_list_csv(reader, text);
	else if (text[strspn(text, " \t\r\n")] == '[')
		read_list_array(reader, text);
	else
		read_list_lines(reader, text);
}

/* ---- the file ---- */

static const char *read_list_file(struct list_reader *reader)
{
	const char *path = reader->list->path;
	FILE *file = fopen(path, "re");
	struct stat status;
	char *text = NULL;
	size_t length = 0;

	if (!file || fstat(fileno(file), &status) != 0) {
		finding_error(reader->findings,
			      "%s: cannot be read (%s): name a file that you "
			      "can read",
			      path, strerror(errno));
	} else if (!S_ISREG(status.st_mode) || status.st_size > MAX_LIST) {
		finding_error(reader->findings,
			      "%s: must be a file of at most 256 MiB", path);
	} else {
		text = arena_alloc(reader->arena, (size_t)status.st_size + 1);
		length = fread(text, 1, (size_t)status.st_size, file);
		reader->list->written_at = status.st_mtime;
	}
	if (file)
		fclose(file);
	if (text && (strlen(text) != length || !utf8_is_valid(text))) {
		finding_error(reader->findings, "%s: it is not UTF-8 text",
			      path);
		return NULL;
	}
	return text;
}

static int compare_listed_ids(const void *one, const void *other)
{
	const struct reconcile_listed_id *x = one, *y = other;

	return strcmp(x->text, y->text);
}

static void index_list(struct list_reader *reader)
{
	struct reconcile_list *list = reader->list;

	list->ids = arena_alloc(reader->arena,
				2 * (size_t)list->count * sizeof *list->ids);
	for (int i = 0; i < list->count; i++) {
		const struct reconcile_listed *r = &list->resources[i];

		if (r->marketplace_id)
			list->ids[list->id_count++] =
				(struct reconcile_listed_id){ r->marketplace_id,
							      r };
		if (r->provider_id)
			list->ids[list->id_count++] =
				(struct reconcile_listed_id){ r->provider_id,
							      r };
	}
	qsort(list->ids, list->id_count, sizeof *list->ids, compare_listed_ids);
}

void reconcile_list_read(struct arena *arena, const char *path, bool is_csv,
			 struct reconcile_list *list, struct findings *findings)
{
	struct list_reader reader = {
		.arena = arena,
		.line_arena = arena_create(),
		.list = list,
		.findings = findings,
	};
	const char *text;

	*list = (struct reconcile_list){ .path = path };
	text = read_list_file(&reader);
	if (text)
		read_list_text(&reader, text, is_csv);
	if (text && findings->errors == 0 && list->count == 0)
		finding_error(findings,
			      "%s: it has no resource: make sure that the list "
			      "is complete",
			      path);
	index_list(&reader);
	arena_destroy(reader.line_arena);
}

static const struct reconcile_listed *
find_listed_id(const struct reconcile_list *list, const char *id)
{
	const struct reconcile_listed_id wanted = { id, NULL };
	const struct reconcile_listed_id *found = id
		? bsearch(&wanted, list->ids, list->id_count, sizeof *list->ids,
			  compare_listed_ids)
		: NULL;

	return found ? found->resource : NULL;
}

const struct reconcile_listed *
reconcile_list_find(const struct reconcile_list *list,
		    const char *marketplace_id, const char *provider_id)
{
	const struct reconcile_listed *found =
		find_listed_id(list, marketplace_id);

	return found ? found : find_listed_id(list, provider_id);
}
