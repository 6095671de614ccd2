#include "lib/store/reseal.h"

#include <limits.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/crypto/sealing.h"
#include "lib/crypto/sealing_keys.h"
#include "lib/db/db.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"
#include "lib/text/uuid.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement reseal_count_sql, reseal_estimate_sql,
	reseal_find_sql, reseal_resources_sql;

enum {
	COUNT_PAGE = 10000, /* resources in a statement that counts */
	SAMPLE_PAGE = 1000, /* the same, of a sample */
	SAMPLE_PAGES = 10
};

/* ---- the sealed columns ---- */

/* Read JSON that PostgreSQL has written. */
static const struct json *read_sealed_json(struct arena *arena,
					   const char *text)
{
	const char *why;

	return json_parse(arena, text, strlen(text), &why);
}

/* Return the place of a value, from the number of its column and the identity
 * of its resource as JSON. */
static struct sealing_place
find_value_place(struct arena *arena, int64_t number, const struct json *object)
{
	const struct resource_identity identity =
		resource_identity_read(object);

	return resource_secrets_place(arena, (enum resource_secret)number,
				      &identity);
}

/* ---- walking ---- */

struct walk {
	struct db *db;
	struct arena *arena;        /* of one page */
	char last[UUID_LENGTH + 1]; /* the last id of the previous page */
	bool is_first, is_over;
};

static struct walk walk_open(struct db *db)
{
	return (struct walk){
		.db = db,
		.arena = arena_create(),
		.last = "00000000-0000-0000-0000-000000000000",
		.is_first = true,
	};
}

/* Read the next page.  The first column of each row is the page's last id. */
static enum outcome read_next_page(struct walk *walk,
				   const struct db_statement *statement,
				   const char *size, const char *key,
				   const struct db_rows **rows)
{
	const char *const values[] = {
		walk->last,
		db_bool_value(walk->is_first),
		size,
		key,
	};
	enum outcome outcome;

	arena_reset(walk->arena);
	outcome = db_run(walk->db, walk->arena, statement, values, rows);
	if (outcome != OUTCOME_OK)
		return outcome;
	walk->is_first = false;
	walk->is_over = db_count(*rows) == 0;
	if (!walk->is_over)
		memcpy(walk->last, db_text(*rows, 0, 0), sizeof walk->last);
	return OUTCOME_OK;
}

static void walk_close(struct walk *walk)
{
	arena_destroy(walk->arena);
}

/* ---- counting ---- */

/* The columns of reseal_count.sql, in their order. */
enum { COUNT_LAST_ID, COUNT_KEY, COUNT_VALUES, COUNT_SAMPLE };

static void add_use(struct reseal_use **uses, struct arena *arena,
		    const char *key, int64_t number, const char *sample)
{
	while (*uses && strcmp((*uses)->key, key) != 0)
		uses = &(*uses)->next;
	if (!*uses) {
		*uses = arena_alloc(arena, sizeof **uses);
		(*uses)->key = arena_strdup(arena, key);
		(*uses)->sample = arena_strdup(arena, sample);
	}
	(*uses)->count += number;
}

static void add_page_uses(struct reseal_use **uses, struct arena *arena,
			  const struct db_rows *rows)
{
	for (int i = 0; i < db_count(rows); i++)
		if (db_text(rows, i, COUNT_KEY))
			add_use(uses, arena, db_text(rows, i, COUNT_KEY),
				db_number(rows, i, COUNT_VALUES),
				db_text(rows, i, COUNT_SAMPLE));
}

/* Add the uses of up to pages pages of size resources each. */
static enum outcome count_pages(struct walk *walk, struct arena *arena,
				int size, int pages, struct reseal_use **uses)
{
	const char *limit = db_number_value(arena, size);
	enum outcome outcome = OUTCOME_OK;

	*uses = NULL;
	for (int i = 0; outcome == OUTCOME_OK && !walk->is_over && i < pages;
	     i++) {
		const struct db_rows *rows;

		outcome = read_next_page(walk, &reseal_count_sql, limit, NULL,
					 &rows);
		if (outcome == OUTCOME_OK)
			add_page_uses(uses, arena, rows);
	}
	return outcome;
}

enum outcome reseal_count(struct db *db, struct arena *arena,
			  struct reseal_use **uses)
{
	struct walk walk = walk_open(db);
	enum outcome outcome =
		count_pages(&walk, arena, COUNT_PAGE, INT_MAX, uses);

	walk_close(&walk);
	return outcome;
}

enum outcome reseal_count_sample(struct db *db, struct arena *arena,
				 struct reseal_sample *sample)
{
	struct walk walk = walk_open(db);
	const struct db_rows *rows;
	enum outcome outcome = count_pages(&walk, arena, SAMPLE_PAGE,
					   SAMPLE_PAGES, &sample->uses);

	if (outcome == OUTCOME_OK)
		outcome = db_run(db, arena, &reseal_estimate_sql, NULL, &rows);
	if (outcome == OUTCOME_OK) {
		sample->resources = (int64_t)SAMPLE_PAGE * SAMPLE_PAGES;
		sample->total = db_number(rows, 0, 0);
		if (walk.is_over || sample->total < sample->resources)
			sample->total = sample->resources;
	}
	walk_close(&walk);
	return outcome;
}

int64_t reseal_uses_of(const struct reseal_use *uses, const char *key)
{
	for (; uses; uses = uses->next)
		if (strcmp(uses->key, key) == 0)
			return uses->count;
	return 0;
}

/* A sample is an array of a resource's identity, the number of a column and the
 * value. */
bool reseal_opens(const struct reseal_use *use, const struct sealing_keys *keys)
{
	struct arena *arena = arena_create();
	const struct json *identity =
		json_first(read_sealed_json(arena, use->sample));
	const struct json *number = json_next(identity);
	const struct sealing_place place =
		find_value_place(arena, json_integer(number, 0), identity);
	bool opens =
		sealing_open(keys, arena, place, json_text(json_next(number)));

	arena_destroy(arena);
	return opens;
}

/* ---- sealing with the first key ---- */

/* The columns of reseal_find.sql, in their order. */
enum { FIND_LAST_ID, FIND_ID, FIND_IDENTITY, FIND_COLUMN, FIND_VALUE };

/* Values of one column of a page. */
struct batch {
	int count;
	const char **ids, **old_values, **new_values;
};

static struct batch create_batch(struct arena *arena, int most)
{
	size_t size = (size_t)most * sizeof(const char *);

	return (struct batch){
		.ids = arena_alloc(arena, size),
		.old_values = arena_alloc(arena, size),
		.new_values = arena_alloc(arena, size),
	};
}

/* Return texts as a PostgreSQL array.  They need no quotes, because valid
 * sealed values consist of letters, digits and -_. only. */
static const char *array_value(struct arena *arena, const char *const texts[],
			       int count)
{
	size_t size = sizeof "{}";
	char *array, *end;

	for (int i = 0; i < count; i++)
		size += strlen(texts[i]) + 1;
	array = arena_alloc(arena, size);
	end = stpcpy(array, "{");
	for (int i = 0; i < count; i++)
		end = stpcpy(stpcpy(end, i > 0 ? "," : ""), texts[i]);
	stpcpy(end, "}");
	return array;
}

/* Open the values of a column of a page and seal them with the first key.
 * Count those that cannot be opened. */
static struct batch read_batch(struct walk *walk,
			       const struct sealing_keys *keys,
			       const struct db_rows *rows, int number,
			       struct reseal_progress *progress)
{
	struct batch batch = create_batch(walk->arena, db_count(rows));

	for (int i = 0; i < db_count(rows); i++) {
		const char *id = db_text(rows, i, FIND_ID);
		struct sealing_place place;
		const char *text;

		if (!id || db_number(rows, i, FIND_COLUMN) != number)
			continue;
		place = find_value_place(
			walk->arena, number,
			read_sealed_json(walk->arena,
					 db_text(rows, i, FIND_IDENTITY)));
		text = sealing_open(keys, walk->arena, place,
				    db_text(rows, i, FIND_VALUE));
		if (!text) {
			progress->unopened++;
			continue;
		}
		batch.ids[batch.count] = id;
		batch.old_values[batch.count] = db_text(rows, i, FIND_VALUE);
		batch.new_values[batch.count++] =
			sealing_seal(keys, walk->arena, place, text);
	}
	return batch;
}

static enum outcome write_batch(struct walk *walk, const struct batch *batch,
				int number, struct reseal_progress *progress)
{
	const char *const values[] = {
		resource_secrets_column((enum resource_secret)number),
		array_value(walk->arena, batch->ids, batch->count),
		array_value(walk->arena, batch->old_values, batch->count),
		array_value(walk->arena, batch->new_values, batch->count),
	};
	const struct db_rows *rows;
	enum outcome outcome = db_run(walk->db, walk->arena,
				      &reseal_resources_sql, values, &rows);

	if (outcome == OUTCOME_OK)
		progress->resealed += db_number(rows, 0, 0);
	return outcome;
}

static enum outcome reseal_page(struct walk *walk,
				const struct sealing_keys *keys,
				const struct db_rows *rows,
				struct reseal_progress *progress, bool *is_done)
{
	enum outcome outcome = OUTCOME_OK;

	for (int i = 0; i < RESOURCE_SECRETS && outcome == OUTCOME_OK; i++) {
		struct batch batch = read_batch(walk, keys, rows, i, progress);

		if (batch.count == 0)
			continue;
		*is_done = false;
		outcome = write_batch(walk, &batch, i, progress);
	}
	return outcome;
}

/* Walk once over all resources.  *is_done is true if there was nothing to
 * do. */
static enum outcome reseal_once(struct db *db, const struct sealing_keys *keys,
				void (*report)(const struct reseal_progress *),
				struct reseal_progress *progress, bool *is_done)
{
	struct walk walk = walk_open(db);
	enum outcome outcome = OUTCOME_OK;

	*is_done = true;
	while (outcome == OUTCOME_OK && !walk.is_over) {
		const struct db_rows *rows;

		outcome = read_next_page(&walk, &reseal_find_sql, "200",
					 sealing_keys_id(keys, 0), &rows);
		if (outcome == OUTCOME_OK)
			outcome = reseal_page(&walk, keys, rows, progress,
					      is_done);
		report(progress);
	}
	walk_close(&walk);
	return outcome;
}

enum outcome reseal_renew(struct db *db, const struct sealing_keys *keys,
			  void (*report)(const struct reseal_progress *),
			  struct reseal_progress *progress)
{
	enum outcome outcome = OUTCOME_OK;
	bool is_done = false;

	*progress = (struct reseal_progress){ 0 };
	while (outcome == OUTCOME_OK && !is_done) {
		progress->unopened = 0;
		outcome = reseal_once(db, keys, report, progress, &is_done);
	}
	return outcome;
}
