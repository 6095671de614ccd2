#include "lib/reconcile/list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/base/plain_file.h"
#include "lib/base/utf8.h"
#include "lib/text/csv.h"
#include "lib/text/json.h"
#include "lib/text/record.h"
#include "lib/text/uuid.h"

enum {
	MOST_ERRORS = 100, /* after them, the rest is not read */
	FIRST_ROOM = 1024, /* resources */
	KNOWN_PLANS = 32   /* plans that are stored once */
};

struct reconcile_listed_id {
	const char *text;
	const struct reconcile_listed *resource;
};

struct list_reader {
	struct arena *arena; /* of the list */
	struct arena *record_arena;
	struct reconcile_list *list;
	struct findings *findings;
	struct record_reader records;
	struct csv_record header; /* of CSV */
	size_t room;              /* in list->resources */
	const char *plans[KNOWN_PLANS];
};

/* Where the last record is, and why it is refused. */
static void refuse_record(struct list_reader *reader, const char *why)
{
	const struct record_reader *records = &reader->records;

	finding_error(reader->findings, "%s: %s %d: %s", reader->list->path,
		      records->form == RECORD_ELEMENT ? "element" : "line",
		      records->line, why);
}

static void refuse_syntax(struct list_reader *reader, const char *why)
{
	refuse_record(
		reader,
		arena_printf(reader->record_arena, "%s: correct it", why));
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

/* Return the state, in static storage, or NULL if it is unknown. */
static const char *read_listed_state(const struct json *object)
{
	static const char *const states[] = { "provisioned", "provisioning",
					      "deprovisioned" };
	const char *state = json_text(json_member(object, "state"));

	if (!state || !*state)
		return states[0];
	for (size_t i = 0; i < COUNT(states); i++)
		if (strcmp(state, states[i]) == 0)
			return states[i];
	return NULL;
}

/* ---- what is kept of it ---- */

/* An add-on has few plans, and many resources of each. */
static const char *keep_plan(struct list_reader *reader, const char *plan)
{
	if (!plan)
		return NULL;
	for (size_t i = 0; i < KNOWN_PLANS; i++) {
		if (!reader->plans[i])
			reader->plans[i] = arena_strdup(reader->arena, plan);
		if (strcmp(reader->plans[i], plan) == 0)
			return reader->plans[i];
	}
	return arena_strdup(reader->arena, plan);
}

static void keep_listed(struct list_reader *reader,
			const struct reconcile_listed *listed)
{
	struct reconcile_list *list = reader->list;

	if ((size_t)list->count == reader->room) {
		reader->room = reader->room ? 2 * reader->room : FIRST_ROOM;
		list->resources =
			must(reallocarray(list->resources, reader->room,
					  sizeof *list->resources));
	}
	list->resources[list->count++] = (struct reconcile_listed){
		.marketplace_id =
			arena_strdup(reader->arena, listed->marketplace_id),
		.provider_id = arena_strdup(reader->arena, listed->provider_id),
		.plan = keep_plan(reader, listed->plan),
		.state = listed->state,
	};
}

static void add_listed(struct list_reader *reader, const struct json *object)
{
	const char *provider_id = json_text(json_member(object, "provider_id"));
	const struct reconcile_listed listed = {
		.marketplace_id = read_listed_id(reader->record_arena, object),
		.provider_id = provider_id && *provider_id ? provider_id : NULL,
		.plan = read_listed_plan(object),
		.state = read_listed_state(object),
	};

	if (!listed.marketplace_id && !listed.provider_id)
		refuse_record(reader,
			      "it has no id: name the member or column "
			      "id, uuid, marketplace_id or provider_id");
	else if (!listed.state)
		refuse_record(reader,
			      "its state is unknown: write "
			      "provisioned, provisioning or "
			      "deprovisioned");
	else
		keep_listed(reader, &listed);
}

/* ---- JSON ---- */

static void read_json_record(struct list_reader *reader)
{
	const struct record_reader *records = &reader->records;
	const char *why = "it is not an object";
	const struct json *object;

	if (records->form == RECORD_LINE
	    && strspn(records->text, " \t\r\n") == records->length)
		return;
	object = json_parse(reader->record_arena, records->text,
			    records->length, &why);
	if (json_is_object(object))
		add_listed(reader, object);
	else
		refuse_syntax(reader, why);
}

/* ---- CSV ---- */

static void add_csv_fields(struct list_reader *reader,
			   const struct csv_record *record)
{
	const struct csv_record *header = &reader->header;
	struct json *object = json_object(reader->record_arena);

	for (int i = 0; i < record->count && i < header->count; i++)
		if (!json_member(object, header->fields[i]))
			json_put_text(object, header->fields[i],
				      record->fields[i]);
	add_listed(reader, object);
}

/* After a fault, it is not known where a record begins: return false. */
static bool read_csv_record(struct list_reader *reader)
{
	const bool is_header = reader->header.count == 0;
	struct csv csv = { is_header ? reader->arena : reader->record_arena,
			   reader->records.text, 1 };
	struct csv_record record;
	const char *why = NULL;

	if (!csv_read(&csv, is_header ? &reader->header : &record, &why)) {
		if (why)
			refuse_syntax(reader, why);
		return !why;
	}
	if (!is_header)
		add_csv_fields(reader, &record);
	return true;
}

/* ---- records ---- */

/* Return false if the rest cannot be read. */
static bool add_record(struct list_reader *reader)
{
	const struct record_reader *records = &reader->records;

	if (strlen(records->text) != records->length
	    || !utf8_is_valid(records->text)) {
		refuse_syntax(reader, "it is not UTF-8 text");
		return false;
	}
	if (records->form == RECORD_CSV)
		return read_csv_record(reader);
	read_json_record(reader);
	return true;
}

static void read_records(struct list_reader *reader)
{
	const char *why = NULL;
	bool goes_on = true;

	while (goes_on && reader->findings->errors < MOST_ERRORS
	       && record_read(&reader->records, &why)) {
		goes_on = add_record(reader);
		arena_reset(reader->record_arena);
	}
	if (why)
		refuse_syntax(reader, why);
	if (reader->findings->errors >= MOST_ERRORS)
		finding_error(reader->findings,
			      "%s: there may be more errors: correct these "
			      "first",
			      reader->list->path);
}

/* ---- the file ---- */

/* Spreadsheets write a byte order mark. */
static void skip_byte_order_mark(FILE *file)
{
	static const char mark[] = "\xef\xbb\xbf";
	char start[sizeof mark] = "";

	if (fread(start, 1, strlen(mark), file) < strlen(mark)
	    || strcmp(start, mark) != 0)
		rewind(file);
}

/* JSON is an array if it begins like one. */
static enum record_form find_record_form(FILE *file, bool is_csv)
{
	const long start = ftell(file);
	char first = '\0';

	if (is_csv)
		return RECORD_CSV;
	if (fscanf(file, " %c", &first) != 1
	    || fseek(file, start, SEEK_SET) != 0)
		rewind(file);
	return first == '[' ? RECORD_ELEMENT : RECORD_LINE;
}

static FILE *open_list_file(const struct list_reader *reader)
{
	FILE *file = plain_file_open(reader->list->path);
	struct stat status;

	if (file && fstat(fileno(file), &status) == 0
	    && S_ISREG(status.st_mode)) {
		reader->list->written_at = status.st_mtime;
		return file;
	}
	finding_error(reader->findings,
		      "%s: cannot be read (%s): name a file that you can read",
		      reader->list->path,
		      file ? "not a file" : strerror(errno));
	if (file)
		fclose(file);
	return NULL;
}

static void read_list_file(struct list_reader *reader, FILE *file, bool is_csv)
{
	struct arena *arena = arena_create();

	skip_byte_order_mark(file);
	reader->records =
		record_reader_open(arena, file, find_record_form(file, is_csv));
	reader->record_arena = arena_create();
	read_records(reader);
	arena_destroy(reader->record_arena);
	arena_destroy(arena);
	arena_defer(reader->arena, free, reader->list->resources);
	if (reader->findings->errors == 0 && reader->list->count == 0)
		finding_error(reader->findings,
			      "%s: it has no resource: make sure that the list "
			      "is complete",
			      reader->list->path);
}

/* ---- its ids ---- */

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
		.list = list,
		.findings = findings,
	};
	FILE *file;

	*list = (struct reconcile_list){ .path = path };
	file = open_list_file(&reader);
	if (file) {
		read_list_file(&reader, file, is_csv);
		fclose(file);
	}
	index_list(&reader);
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
