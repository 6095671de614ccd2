#include "lib/grant.h"

#include <inttypes.h>
#include <stddef.h>

#include "lib/arena.h"
#include "lib/db.h"

/* Five minutes is how long Heroku's codes are good for. */
static const struct db_statement renew = {
	.name = "grant_renew",
	.params = 3,
	.sql = "UPDATE grants SET code = $2, code_expires_at = new.at"
	       " FROM (SELECT coalesce(to_timestamp($3::float8),"
	       " now() + interval '5 minutes') AS at) new"
	       " WHERE resource = $1 AND access IS NULL"
	       " AND (code IS NULL OR code_expires_at < new.at)",
};

enum outcome grant_renew(struct db *db, struct arena *arena,
			 const char *resource, const char *code,
			 int64_t expires_at)
{
	const char *const values[] = {
		resource,
		code,
		expires_at ? arena_printf(arena, "%" PRId64, expires_at) : NULL,
	};

	return db_run(db, arena, &renew, values, NULL);
}
