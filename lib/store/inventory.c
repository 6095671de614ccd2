#include "lib/store/inventory.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/db/db.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement inventory_jobs_sql, inventory_resources_sql;

const char *const inventory_job_states[INVENTORY_JOB_STATES] = {
	[INVENTORY_DUE] = "due",         [INVENTORY_WAITING] = "waiting",
	[INVENTORY_RUNNING] = "running", [INVENTORY_BLOCKED] = "blocked",
	[INVENTORY_GAVE_UP] = "gave-up", [INVENTORY_HELD] = "held",
};

/* The columns of inventory_jobs.sql and inventory_resources.sql. */
enum { JOBS_KIND, JOBS_STATE, JOBS_COUNT, JOBS_DUE_FOR };
enum {
	RESOURCES_MARKETPLACE,
	RESOURCES_ADDON,
	RESOURCES_STATE,
	RESOURCES_PLAN,
	RESOURCES_COUNT
};

static int find_job_state(const char *name)
{
	int state = 0;

	while (strcmp(inventory_job_states[state], name) != 0)
		state++;
	return state;
}

enum outcome inventory_count_jobs(struct db *db, struct arena *arena,
				  struct inventory_jobs *jobs)
{
	const char *const values[] = {
		db_number_value(arena, INVENTORY_MOST_JOBS),
	};
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &inventory_jobs_sql, values, &rows);

	*jobs = (struct inventory_jobs){ 0 };
	if (outcome != OUTCOME_OK)
		return outcome;
	for (int i = 0; i < db_count(rows); i++) {
		enum job_kind kind;
		int state = find_job_state(db_text(rows, i, JOBS_STATE));

		/* A newer release may have added a kind. */
		if (!job_kind_named(db_text(rows, i, JOBS_KIND), &kind))
			continue;
		jobs->count[kind][state] = db_number(rows, i, JOBS_COUNT);
		if (state == INVENTORY_DUE)
			jobs->due_for[kind] = db_number(rows, i, JOBS_DUE_FOR);
	}
	return OUTCOME_OK;
}

enum outcome inventory_count_resources(struct db *db, struct arena *arena,
				       struct inventory_resources *resources)
{
	const char *const values[] = {
		db_number_value(arena, INVENTORY_MOST_RESOURCES),
		db_number_value(arena, INVENTORY_MOST_PLANS),
	};
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &inventory_resources_sql, values, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	resources->count = db_count(rows);
	resources->list = arena_alloc(
		arena, (size_t)resources->count * sizeof *resources->list);
	for (int i = 0; i < resources->count; i++)
		resources->list[i] = (struct inventory_resource){
			.marketplace = db_text(rows, i, RESOURCES_MARKETPLACE),
			.addon = db_text(rows, i, RESOURCES_ADDON),
			.state = db_text(rows, i, RESOURCES_STATE),
			.plan = db_text(rows, i, RESOURCES_PLAN),
			.count = db_number(rows, i, RESOURCES_COUNT),
		};
	return OUTCOME_OK;
}
