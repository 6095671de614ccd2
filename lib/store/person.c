#include "lib/store/person.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/db/db.h"
#include "lib/db/json_rows.h"
#include "lib/text/json.h"

enum { LONGEST_ADDRESS = 254 /* bytes (RFC 5321, with <>: 256) */ };

/* Embedded from the .sql files of the same names. */
extern const struct db_statement person_bounds_sql, person_find_resources_sql,
	person_find_sign_ons_sql, person_find_events_sql, person_find_jobs_sql,
	person_forget_resources_sql, person_forget_sign_ons_sql,
	person_forget_events_sql, person_forget_jobs_sql;

/* clang-format off */
/* The parameters of the statements are the address, the range of numbers and the
 * actor. */
static const struct {
	const struct db_statement *find, *forget;
	int64_t step; /* numbers of a statement, within its time limit */
} places[PERSON_PLACES] = {
	[PERSON_RESOURCES] = { &person_find_resources_sql, &person_forget_resources_sql, 4 },
	[PERSON_SIGN_ONS]  = { &person_find_sign_ons_sql,  &person_forget_sign_ons_sql,  1000000 },
	[PERSON_EVENTS]    = { &person_find_events_sql,    &person_forget_events_sql,    50000 },
	[PERSON_JOBS]      = { &person_find_jobs_sql,      &person_forget_jobs_sql,      50000 },
};
/* clang-format on */

bool person_is_address(const char *text)
{
	const char *at = strchr(text, '@');

	return at && at > text && at[1] && !strchr(at + 1, '@')
		&& strlen(text) <= LONGEST_ADDRESS
		&& !strpbrk(text, " \t\r\n\"\\<>(),;:");
}

bool person_resource_stays(const struct json *resource)
{
	static const char *const ended[] = { "deprovisioned", "refused",
					     "abandoned" };
	const char *state = json_text(json_member(resource, "state"));

	for (size_t i = 0; state && i < COUNT(ended); i++)
		if (strcmp(state, ended[i]) == 0)
			return false;
	return true;
}

/* ---- walking ---- */

struct person_walk {
	struct db *db;
	struct arena *arena; /* of one statement */
	const char *address;
	const char *actor;                    /* NULL: find, erase nothing */
	const struct person_visitor *visitor; /* NULL: erase */
	int64_t *erased;
	bool is_over;
};

/* Visit the rows of a statement that has found some, or count those that it has
 * erased. */
static enum outcome take_rows(struct person_walk *walk, enum person_place place,
			      const struct db_rows *rows)
{
	if (!walk->visitor) {
		walk->erased[place] += db_number(rows, 0, 0);
		return OUTCOME_OK;
	}
	for (int i = 0; i < db_count(rows) && !walk->is_over; i++) {
		const struct json *row = json_rows_object(rows, walk->arena, i);

		if (!row)
			return OUTCOME_BROKEN;
		walk->is_over = !walk->visitor->visit(walk->visitor->context,
						      walk->arena, place, row);
	}
	return OUTCOME_OK;
}

static enum outcome walk_range(struct person_walk *walk,
			       enum person_place place, int64_t first,
			       int64_t last)
{
	const char *const values[] = {
		walk->address,
		db_number_value(walk->arena, first),
		db_number_value(walk->arena, last),
		walk->actor,
	};
	const struct db_rows *rows;
	enum outcome outcome = db_run(walk->db, walk->arena,
				      walk->visitor ? places[place].find
						    : places[place].forget,
				      values, &rows);

	if (outcome == OUTCOME_OK)
		outcome = take_rows(walk, place, rows);
	arena_reset(walk->arena);
	return outcome;
}

static enum outcome walk_place(struct person_walk *walk,
			       enum person_place place, int64_t first,
			       int64_t last)
{
	enum outcome outcome = OUTCOME_OK;

	while (outcome == OUTCOME_OK && first < last && !walk->is_over) {
		int64_t next = first + places[place].step;

		if (next > last)
			next = last;
		outcome = walk_range(walk, place, first, next);
		first = next;
	}
	return outcome;
}

static enum outcome walk_all(struct person_walk *walk)
{
	int64_t bounds[PERSON_PLACES][2];
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(walk->db, walk->arena, &person_bounds_sql, NULL, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	for (int i = 0; i < PERSON_PLACES; i++) {
		bounds[i][0] = db_number(rows, 0, 2 * i);
		bounds[i][1] = db_number(rows, 0, 2 * i + 1);
	}
	for (int i = 0; i < PERSON_PLACES && outcome == OUTCOME_OK; i++)
		outcome = walk_place(walk, (enum person_place)i, bounds[i][0],
				     bounds[i][1]);
	return outcome;
}

enum outcome person_find(struct db *db, const char *address,
			 const struct person_visitor *visitor,
			 bool *is_complete)
{
	struct person_walk walk = {
		.db = db,
		.arena = arena_create(),
		.address = address,
		.visitor = visitor,
	};
	enum outcome outcome = walk_all(&walk);

	*is_complete = !walk.is_over;
	arena_destroy(walk.arena);
	return outcome;
}

enum outcome person_forget(struct db *db, const char *address,
			   const char *actor, int64_t erased[PERSON_PLACES])
{
	struct person_walk walk = {
		.db = db,
		.arena = arena_create(),
		.address = address,
		.actor = actor,
		.erased = erased,
	};
	enum outcome outcome;

	memset(erased, 0, PERSON_PLACES * sizeof *erased);
	outcome = walk_all(&walk);
	arena_destroy(walk.arena);
	return outcome;
}
