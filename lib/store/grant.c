#include "lib/store/grant.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/db/db.h"
#include "lib/store/resource_secrets.h"

static const char *number(const struct grant_keeper *keeper, int64_t value)
{
	return arena_printf(keeper->arena, "%" PRId64, value);
}

static const char *seal(const struct grant_keeper *keeper,
			enum resource_secret which, const char *text)
{
	return resource_secrets_seal_text(keeper->keys, keeper->arena,
					  keeper->resource, which, text);
}

static enum outcome run(const struct grant_keeper *keeper,
			const struct db_statement *statement,
			const char *const values[])
{
	return db_run(keeper->db, keeper->arena, statement, values, NULL);
}

/* ---- reading ---- */

static const struct db_statement read_grant = {
	.name = "grant_read",
	.params = 1,
	.sql = "SELECT code, access, refresh, previous_refresh,"
	       " code_expires_at > now(),"
	       " extract(epoch FROM expires_at - now())::bigint"
	       " FROM grants WHERE resource = $1",
};

enum outcome grant_read(const struct grant_keeper *keeper, struct grant *grant,
			bool *found)
{
	static const enum resource_secret kinds[] = {
		RESOURCE_SECRET_GRANT_CODE,
		RESOURCE_SECRET_ACCESS,
		RESOURCE_SECRET_REFRESH,
		RESOURCE_SECRET_PREVIOUS_REFRESH,
	};
	const char **const places[] = {
		&grant->code,
		&grant->access,
		&grant->refresh,
		&grant->previous_refresh,
	};
	const struct db_rows *rows;
	enum outcome outcome = db_run(keeper->db, keeper->arena, &read_grant,
				      &keeper->resource, &rows);
	const char *is_live, *left;

	*grant = (struct grant){ 0 };
	if (outcome != OUTCOME_OK)
		return outcome;
	*found = db_count(rows) > 0;
	if (!*found)
		return OUTCOME_OK;
	for (int i = 0; i < (int)COUNT(kinds); i++)
		*places[i] = resource_secrets_open_text(
			keeper->keys, keeper->arena, keeper->resource, kinds[i],
			db_text(rows, 0, i));
	is_live = db_text(rows, 0, COUNT(kinds));
	left = db_text(rows, 0, COUNT(kinds) + 1);
	grant->code_is_live = grant->code && is_live && *is_live == 't';
	grant->access_left = left ? strtoll(left, NULL, 10) : 0;
	return OUTCOME_OK;
}

/* ---- renewing ---- */

/* Five minutes is how long Heroku's codes are good for. */
static const struct db_statement renew = {
	.name = "grant_renew",
	.params = 4,
	.sql = "WITH renewed AS (UPDATE grants"
	       " SET code = $2, code_expires_at = new.at"
	       " FROM (SELECT coalesce(to_timestamp($3::float8),"
	       " now() + interval '5 minutes') AS at) new"
	       " WHERE resource = $1 AND access IS NULL"
	       " AND (code IS NULL OR code_expires_at < new.at)"
	       " RETURNING resource)"
	       " INSERT INTO jobs (kind, resource) SELECT 'exchange', resource"
	       " FROM renewed WHERE $4::boolean AND NOT EXISTS"
	       " (SELECT FROM jobs WHERE resource = $1"
	       " AND kind = 'exchange' AND finished_at IS NULL)",
};

enum outcome grant_renew(const struct grant_keeper *keeper, const char *code,
			 int64_t expires_at, bool exchanges)
{
	const char *const values[] = {
		keeper->resource,
		seal(keeper, RESOURCE_SECRET_GRANT_CODE, code),
		expires_at ? number(keeper, expires_at) : NULL,
		exchanges ? "true" : "false",
	};

	return run(keeper, &renew, values);
}

static const struct db_statement take = {
	.name = "grant_take",
	.params = 5,
	.sql = "UPDATE grants SET code = NULL, code_expires_at = NULL,"
	       " access = $2, refresh = $3, previous_refresh = $4,"
	       " expires_at = now() + $5::float8 * interval '1 s'"
	       " WHERE resource = $1",
};

enum outcome grant_take(const struct grant_keeper *keeper,
			const struct grant *before, const char *access,
			const char *refresh, int64_t expires_in)
{
	/* Without a new one the old one stays. */
	bool has_changed = refresh && before->refresh
		&& strcmp(refresh, before->refresh) != 0;
	const char *const values[] = {
		keeper->resource,
		seal(keeper, RESOURCE_SECRET_ACCESS, access),
		seal(keeper, RESOURCE_SECRET_REFRESH,
		     refresh ? refresh : before->refresh),
		seal(keeper, RESOURCE_SECRET_PREVIOUS_REFRESH,
		     has_changed ? before->refresh : NULL),
		number(keeper, expires_in),
	};

	return run(keeper, &take, values);
}

static const struct db_statement confirm = {
	.name = "grant_confirm",
	.params = 1,
	.sql = "UPDATE grants SET previous_refresh = NULL"
	       " WHERE resource = $1 AND previous_refresh IS NOT NULL",
};

enum outcome grant_confirm(const struct grant_keeper *keeper)
{
	return run(keeper, &confirm, &keeper->resource);
}

static const struct db_statement miss = {
	.name = "grant_miss",
	.params = 1,
	.sql = "WITH missed AS (UPDATE grants SET code = NULL,"
	       " code_expires_at = NULL WHERE resource = $1"
	       " AND code IS NOT NULL RETURNING resource)"
	       " INSERT INTO events (resource, what, actor)"
	       " SELECT resource, 'grant-missed', 'provisor-jobs' FROM missed",
};

enum outcome grant_miss(const struct grant_keeper *keeper)
{
	return run(keeper, &miss, &keeper->resource);
}
