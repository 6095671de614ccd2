#include "lib/store/grant.h"

#include <string.h>

#include "lib/db/db.h"
#include "lib/store/resource_secrets.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement grant_read_sql, grant_renew_sql,
	grant_store_tokens_sql, grant_confirm_sql, grant_miss_sql,
	grant_count_missed_sql;

/* The columns of grant_read.sql, in their order. */
enum {
	READ_CODE,
	READ_ACCESS_TOKEN,
	READ_REFRESH_TOKEN,
	READ_PREVIOUS_REFRESH_TOKEN,
	READ_CODE_IS_LIVE,
	READ_ACCESS_TOKEN_LEFT
};

static const char *seal_secret(const struct grant_place *place,
			       enum resource_secret which, const char *text)
{
	return resource_secrets_seal_text(place->keys, place->arena,
					  place->identity, which, text);
}

static const char *open_secret(const struct grant_place *place,
			       enum resource_secret which, const char *sealed)
{
	return resource_secrets_open_text(place->keys, place->arena,
					  place->identity, which, sealed);
}

static void open_grant(const struct grant_place *place,
		       const struct db_rows *rows, struct grant *grant)
{
	*grant = (struct grant){
		.code = open_secret(place, RESOURCE_SECRET_GRANT_CODE,
				    db_text(rows, 0, READ_CODE)),
		.access_token =
			open_secret(place, RESOURCE_SECRET_ACCESS_TOKEN,
				    db_text(rows, 0, READ_ACCESS_TOKEN)),
		.access_token_left = db_number(rows, 0, READ_ACCESS_TOKEN_LEFT),
		.refresh_token =
			open_secret(place, RESOURCE_SECRET_REFRESH_TOKEN,
				    db_text(rows, 0, READ_REFRESH_TOKEN)),
		.previous_refresh_token = open_secret(
			place, RESOURCE_SECRET_PREVIOUS_REFRESH_TOKEN,
			db_text(rows, 0, READ_PREVIOUS_REFRESH_TOKEN)),
	};
	grant->code_is_live =
		grant->code && db_bool(rows, 0, READ_CODE_IS_LIVE);
}

enum outcome grant_read(const struct grant_place *place, struct grant *grant,
			bool *found)
{
	const struct db_rows *rows;
	enum outcome outcome = db_run(place->db, place->arena, &grant_read_sql,
				      &place->identity.id, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*found = db_count(rows) > 0;
	if (*found)
		open_grant(place, rows, grant);
	return OUTCOME_OK;
}

enum outcome grant_renew(const struct grant_place *place, const char *code,
			 int64_t expires_at, bool exchanges)
{
	const char *const values[] = {
		place->identity.id,
		seal_secret(place, RESOURCE_SECRET_GRANT_CODE, code),
		expires_at ? db_number_value(place->arena, expires_at) : NULL,
		db_bool_value(exchanges),
	};

	return db_run(place->db, place->arena, &grant_renew_sql, values, NULL);
}

enum outcome grant_store_tokens(const struct grant_place *place,
				const struct grant *grant, const char *access,
				const char *refresh, int64_t expires_in)
{
	const char *old = grant->refresh_token;
	bool has_changed = refresh && old && strcmp(refresh, old) != 0;
	const char *const values[] = {
		place->identity.id,
		seal_secret(place, RESOURCE_SECRET_ACCESS_TOKEN, access),
		seal_secret(place, RESOURCE_SECRET_REFRESH_TOKEN,
			    refresh ? refresh : old),
		seal_secret(place, RESOURCE_SECRET_PREVIOUS_REFRESH_TOKEN,
			    has_changed ? old : NULL),
		db_number_value(place->arena, expires_in),
	};

	return db_run(place->db, place->arena, &grant_store_tokens_sql, values,
		      NULL);
}

enum outcome grant_confirm(const struct grant_place *place)
{
	return db_run(place->db, place->arena, &grant_confirm_sql,
		      &place->identity.id, NULL);
}

enum outcome grant_miss(const struct grant_place *place)
{
	return db_run(place->db, place->arena, &grant_miss_sql,
		      &place->identity.id, NULL);
}

enum outcome grant_count_missed(struct db *db, struct arena *arena,
				int64_t *count)
{
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &grant_count_missed_sql, NULL, &rows);

	*count = outcome == OUTCOME_OK ? db_number(rows, 0, 0) : 0;
	return outcome;
}
