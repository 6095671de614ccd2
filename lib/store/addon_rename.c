#include "lib/store/addon_rename.h"

#include <stdbool.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/crypto/sealing.h"
#include "lib/db/db.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"
#include "lib/text/uuid.h"

/* Resources of one statement, within its time limit. */
#define RENAME_AT_ONCE "200"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement addon_rename_sql, addon_rename_page_sql,
	addon_rename_conflicts_sql, addon_rename_free_sql;

/* ---- ids that both have ---- */

enum outcome addon_rename_conflicts(struct db *db, struct arena *arena,
				    const struct addon_renaming *renaming,
				    struct addon_conflicts *conflicts)
{
	const char *const values[] = {
		renaming->marketplace,
		renaming->from,
		renaming->to,
	};
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &addon_rename_conflicts_sql, values, &rows);

	if (outcome == OUTCOME_OK)
		*conflicts = (struct addon_conflicts){
			.tombstones = db_number(rows, 0, 0),
			.others = db_number(rows, 0, 1),
			.example = db_text(rows, 0, 2),
		};
	return outcome;
}

enum outcome addon_rename_free(struct db *db, struct arena *arena,
			       const struct addon_renaming *renaming)
{
	const char *const values[] = {
		renaming->marketplace,
		renaming->from,
		renaming->to,
		renaming->actor,
	};

	return db_run(db, arena, &addon_rename_free_sql, values, NULL);
}

/* ---- secrets ---- */

/* Read JSON that PostgreSQL has written. */
static const struct json *read_page_json(struct arena *arena, const char *text)
{
	const char *why;

	return json_parse(arena, text, strlen(text), &why);
}

/* Seal the values in old for another identity.  Return NULL if one of them
 * cannot be opened. */
static struct json *seal_for(const struct sealing_keys *keys,
			     struct arena *arena, const struct json *old,
			     const struct resource_identity *from,
			     const struct resource_identity *to)
{
	struct json *new = json_object(arena);

	for (int i = 0; i < RESOURCE_SECRETS; i++) {
		enum resource_secret which = (enum resource_secret)i;
		const char *column = resource_secrets_column(which);
		const char *sealed = json_text(json_member(old, column));
		const char *text;

		if (!sealed)
			continue;
		text = sealing_open(keys, arena,
				    resource_secrets_place(arena, which, from),
				    sealed);
		if (!text)
			return NULL;
		json_put_text(new, column,
			      resource_secrets_seal_text(keys, arena, *to,
							 which, text));
	}
	return new;
}

/* ---- pages ---- */

struct renaming_page {
	struct arena *arena;        /* of one page */
	char last[UUID_LENGTH + 1]; /* the last id of the previous page */
	struct json *resources;     /* for addon_rename.sql */
};

/* Add a resource of a page. */
static void add_resource(struct renaming_page *page,
			 const struct sealing_keys *keys, const char *name,
			 const struct db_rows *rows, int row,
			 struct addon_rename_result *result)
{
	struct arena *arena = page->arena;
	const struct json *old = read_page_json(arena, db_text(rows, row, 2));
	const struct resource_identity from = resource_identity_read(
		read_page_json(arena, db_text(rows, row, 1)));
	struct resource_identity to = from;
	struct json *resource = json_object(arena), *new;

	to.addon = name;
	new = seal_for(keys, arena, old, &from, &to);
	if (!new) {
		result->unopened++;
		return;
	}
	json_put_text(resource, "id", from.id);
	json_put(resource, "old", old);
	json_put(resource, "new", new);
	json_append(page->resources, resource);
}

static enum outcome read_renaming_page(struct renaming_page *page,
				       struct db *db,
				       const struct sealing_keys *keys,
				       const struct addon_renaming *renaming,
				       struct addon_rename_result *result,
				       bool *is_last)
{
	const char *const values[] = { renaming->marketplace, renaming->from,
				       page->last, RENAME_AT_ONCE };
	const struct db_rows *rows;
	enum outcome outcome;
	int count;

	arena_reset(page->arena);
	page->resources = json_array(page->arena);
	outcome =
		db_run(db, page->arena, &addon_rename_page_sql, values, &rows);
	if (outcome != OUTCOME_OK)
		return outcome;
	count = db_count(rows);
	*is_last = count == 0;
	for (int i = 0; i < count; i++)
		add_resource(page, keys, renaming->to, rows, i, result);
	if (count > 0)
		memcpy(page->last, db_text(rows, count - 1, 0),
		       sizeof page->last);
	return OUTCOME_OK;
}

static enum outcome write_renaming_page(const struct renaming_page *page,
					struct db *db,
					const struct addon_renaming *renaming,
					struct addon_rename_result *result)
{
	const char *const values[] = {
		renaming->marketplace,
		renaming->from,
		renaming->to,
		renaming->actor,
		json_print(page->arena, page->resources),
	};
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, page->arena, &addon_rename_sql, values, &rows);

	if (outcome == OUTCOME_OK)
		result->renamed += db_number(rows, 0, 0);
	return outcome;
}

enum outcome addon_rename(struct db *db, const struct sealing_keys *keys,
			  const struct addon_renaming *renaming,
			  struct addon_rename_result *result)
{
	struct renaming_page page = {
		.arena = arena_create(),
		.last = "00000000-0000-0000-0000-000000000000",
	};
	enum outcome outcome = OUTCOME_OK;
	bool is_last = false;

	*result = (struct addon_rename_result){ 0 };
	while (outcome == OUTCOME_OK && !is_last) {
		outcome = read_renaming_page(&page, db, keys, renaming, result,
					     &is_last);
		if (outcome == OUTCOME_OK && !is_last)
			outcome = write_renaming_page(&page, db, renaming,
						      result);
	}
	arena_destroy(page.arena);
	return outcome;
}
