#include "lib/store/grant.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/db/db.h"
#include "lib/store/resource_secrets.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement grant_read_sql, grant_renew_sql,
	grant_take_sql, grant_confirm_sql, grant_miss_sql;

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

enum outcome grant_read(const struct grant_keeper *keeper, struct grant *grant,
			bool *found)
{
	static const enum resource_secret kinds[] = {
		RESOURCE_SECRET_GRANT_CODE,
		RESOURCE_SECRET_ACCESS_TOKEN,
		RESOURCE_SECRET_REFRESH_TOKEN,
		RESOURCE_SECRET_PREVIOUS_REFRESH_TOKEN,
	};
	const char **const places[] = {
		&grant->code,
		&grant->access_token,
		&grant->refresh_token,
		&grant->previous_refresh_token,
	};
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(keeper->db, keeper->arena, &grant_read_sql,
		       &keeper->resource, &rows);
	const char *is_live;

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
	grant->code_is_live = grant->code && is_live && *is_live == 't';
	grant->access_token_left = db_number(rows, 0, COUNT(kinds) + 1);
	return OUTCOME_OK;
}

/* ---- renewing ---- */

enum outcome grant_renew(const struct grant_keeper *keeper, const char *code,
			 int64_t expires_at, bool exchanges)
{
	const char *const values[] = {
		keeper->resource,
		seal(keeper, RESOURCE_SECRET_GRANT_CODE, code),
		expires_at ? number(keeper, expires_at) : NULL,
		exchanges ? "true" : "false",
	};

	return run(keeper, &grant_renew_sql, values);
}

enum outcome grant_take(const struct grant_keeper *keeper,
			const struct grant *before, const char *access,
			const char *refresh, int64_t expires_in)
{
	/* Without a new one the old one stays. */
	bool has_changed = refresh && before->refresh_token
		&& strcmp(refresh, before->refresh_token) != 0;
	const char *const values[] = {
		keeper->resource,
		seal(keeper, RESOURCE_SECRET_ACCESS_TOKEN, access),
		seal(keeper, RESOURCE_SECRET_REFRESH_TOKEN,
		     refresh ? refresh : before->refresh_token),
		seal(keeper, RESOURCE_SECRET_PREVIOUS_REFRESH_TOKEN,
		     has_changed ? before->refresh_token : NULL),
		number(keeper, expires_in),
	};

	return run(keeper, &grant_take_sql, values);
}

enum outcome grant_confirm(const struct grant_keeper *keeper)
{
	return run(keeper, &grant_confirm_sql, &keeper->resource);
}

enum outcome grant_miss(const struct grant_keeper *keeper)
{
	return run(keeper, &grant_miss_sql, &keeper->resource);
}
