#include "lib/store/key_fingerprint.h"

#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/crypto/sealing_keys.h"
#include "lib/db/db.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement key_fingerprint_add_sql,
	key_fingerprint_find_foreign_sql, key_fingerprint_remove_sql;

/* Set values to two arrays of PostgreSQL: the ids and the fingerprints. */
static void write_key_arrays(struct arena *arena,
			     const struct sealing_keys *keys,
			     const char *values[static 2])
{
	values[0] = values[1] = "{";
	for (int i = 0; sealing_keys_id(keys, i); i++) {
		const char *comma = i > 0 ? "," : "";

		values[0] = arena_printf(arena, "%s%s%s", values[0], comma,
					 sealing_keys_id(keys, i));
		values[1] =
			arena_printf(arena, "%s%s%s", values[1], comma,
				     sealing_keys_fingerprint(keys, arena, i));
	}
	values[0] = arena_printf(arena, "%s}", values[0]);
	values[1] = arena_printf(arena, "%s}", values[1]);
}

enum outcome key_fingerprint_add(struct db *db, struct arena *arena,
				 const struct sealing_keys *keys)
{
	const char *values[2];

	write_key_arrays(arena, keys, values);
	return db_run(db, arena, &key_fingerprint_add_sql, values, NULL);
}

enum outcome key_fingerprint_find_foreign(struct db *db, struct arena *arena,
					  const struct sealing_keys *keys,
					  const char **id)
{
	const char *values[2];
	const struct db_rows *rows;
	enum outcome outcome;

	write_key_arrays(arena, keys, values);
	outcome = db_run(db, arena, &key_fingerprint_find_foreign_sql, values,
			 &rows);
	if (outcome == OUTCOME_OK)
		*id = db_count(rows) > 0 ? db_text(rows, 0, 0) : NULL;
	return outcome;
}

enum outcome key_fingerprint_remove(struct db *db, struct arena *arena,
				    const char *id)
{
	return db_run(db, arena, &key_fingerprint_remove_sql, &id, NULL);
}
