#include "lib/grant.h"

#include <inttypes.h>

#include "lib/arena.h"
#include "lib/db.h"

/* The lock waits for a deprovision that is under way, and then finds none. */
static const struct db_statement renew = {
	.name = "grant_renew",
	.params = 3,
	.sql = "INSERT INTO grants (resource, code, code_expires_at)"
	       " SELECT id, $2, to_timestamp($3::float8) FROM resources"
	       " WHERE id = $1 AND state IN ('provisioning', 'provisioned')"
	       " FOR SHARE"
	       " ON CONFLICT (resource) DO UPDATE SET code = excluded.code,"
	       " code_expires_at = excluded.code_expires_at"
	       " WHERE grants.code IS NOT NULL AND grants.access IS NULL"
	       " AND grants.code_expires_at < excluded.code_expires_at",
};

enum outcome grant_renew(struct db *db, struct arena *arena,
			 const char *resource, const char *code,
			 int64_t expires_at)
{
	const char *const values[] = {
		resource,
		code,
		arena_printf(arena, "%" PRId64, expires_at),
	};

	return db_run(db, arena, &renew, values, 0);
}
