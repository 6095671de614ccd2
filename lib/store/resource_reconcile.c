#include "lib/store/resource_reconcile.h"

#include "lib/base/arena.h"
#include "lib/db/db.h"
#include "lib/store/resource.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement resource_reconcile_next_sql,
	resource_reconcile_is_changed_sql, resource_reconcile_begin_sql,
	resource_reconcile_queue_sql, resource_reconcile_complete_sql;

/* The columns of resource_reconcile_next.sql, in their order. */
enum { NEXT_ID, NEXT_CREATED };

enum outcome resource_reconcile_next(struct db *db, struct arena *arena,
				     const char *marketplace, const char *addon,
				     const char *after, bool has_waiting,
				     struct resource_reconcile_page *page)
{
	const char *const values[] = {
		marketplace,
		addon,
		after,
		db_number_value(arena, RESOURCE_RECONCILE_PAGE_SIZE),
		db_bool_value(has_waiting),
	};
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &resource_reconcile_next_sql, values, &rows);

	*page = (struct resource_reconcile_page){ 0 };
	if (outcome != OUTCOME_OK)
		return outcome;
	for (; page->count < db_count(rows); page->count++)
		page->rows[page->count] = (struct resource_reconcile_row){
			.id = db_text(rows, page->count, NEXT_ID),
			.created_at =
				db_number(rows, page->count, NEXT_CREATED),
		};
	return OUTCOME_OK;
}

/* The columns of resource_reconcile_begin.sql, in their order. */
enum { BEGIN_JOB, BEGIN_VERSION };

enum outcome resource_reconcile_is_changed(struct db *db, struct arena *arena,
					   const char *resource, int64_t time,
					   bool *is_changed)
{
	const char *const values[] = {
		resource,
		db_number_value(arena, time),
	};

	return db_change(db, arena, &resource_reconcile_is_changed_sql, values,
			 is_changed);
}

enum outcome resource_reconcile_begin(struct db *db, struct arena *arena,
				      const char *resource,
				      const char **version,
				      const struct job_claim *claim,
				      struct job *job, bool *done)
{
	const char *const values[] = {
		resource,
		*version,
		claim->id,
		db_number_value(arena, claim->lease),
	};
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &resource_reconcile_begin_sql, values, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*done = db_count(rows) > 0;
	if (!*done)
		return OUTCOME_OK;
	*job = (struct job){
		.id = db_text(rows, 0, BEGIN_JOB),
		.kind = JOB_EXCHANGE,
		.resource = resource,
		.claim = arena_strdup(arena, claim->id),
		.attempt = 1,
	};
	*version = db_text(rows, 0, BEGIN_VERSION);
	return OUTCOME_OK;
}

enum outcome resource_reconcile_queue(struct db *db, struct arena *arena,
				      const char *resource, enum job_kind kind,
				      const struct resource_actor *actor,
				      bool *done)
{
	const char *const values[] = {
		resource,
		job_kind_name(kind),
		job_kind_lane(kind),
		actor->name,
	};

	return db_change(db, arena, &resource_reconcile_queue_sql, values,
			 done);
}

enum outcome resource_reconcile_complete(struct db *db, struct arena *arena,
					 const struct resource *resource,
					 const struct resource_actor *actor,
					 bool *done)
{
	const char *const values[] = {
		resource->id,
		resource->version,
		actor->name,
	};

	return db_change(db, arena, &resource_reconcile_complete_sql, values,
			 done);
}
