/*
 * grant.h - a marketplace's permission to act for one resource.
 *
 * A grant starts with a code, which is valid for minutes and can be used once.
 * It is exchanged for an access token and a refresh token, which gets a new
 * access token when that one expires.  The grant is stored in the row of its
 * resource.  It ends when the resource is deprovisioned, or when the
 * marketplace knows that it is refused; the resource cannot get a grant again.
 *
 * Codes and tokens are sealed in the database and open in struct grant.  All
 * functions return OUTCOME_OK or the failure of db_run().
 */
#ifndef LIB_STORE_GRANT_H
#define LIB_STORE_GRANT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/store/resource_identity.h"

struct arena;
struct db;
struct sealing_keys;

/* Where the grant of a resource is stored.  All members are borrowed. */
struct grant_place {
	struct db *db;
	const struct sealing_keys *keys;
	struct arena *arena;
	struct resource_identity identity; /* of the resource */
};

/* A text is NULL if the grant does not have it, or after logging why it cannot
 * be opened. */
struct grant {
	const char *code;
	bool code_is_live; /* it has not expired */
	const char *access_token;
	int64_t access_token_left; /* seconds until it expires */
	const char *refresh_token;
	/* Kept until the access token that came with refresh_token has worked,
	 * because the marketplace may not have stored that renewal. */
	const char *previous_refresh_token;
};

/* Read a grant.  *found is false if it has ended. */
MUST_CHECK enum outcome grant_read(const struct grant_place *place,
				   struct grant *grant, bool *found);

/*
 * Store a code if the grant has none, or has an unused one that expires
 * earlier: requests can overtake each other.  expires_at is in seconds since
 * 1970; 0: unknown.  If exchanges is true, a job exchanges the code.  Returns
 * OUTCOME_OK also if nothing was stored.
 */
MUST_CHECK enum outcome grant_renew(const struct grant_place *place,
				    const char *code, int64_t expires_at,
				    bool exchanges);

/* Store the tokens received for a code or refresh token of grant, and erase the
 * code.  If refresh is NULL, the old refresh token stays.  expires_in is in
 * seconds. */
MUST_CHECK enum outcome
grant_store_tokens(const struct grant_place *place, const struct grant *grant,
		   const char *access, const char *refresh, int64_t expires_in);

/* The access token has worked: erase the previous refresh token. */
MUST_CHECK enum outcome grant_confirm(const struct grant_place *place);

/* The code can no longer be exchanged: erase it, and write an event. */
MUST_CHECK enum outcome grant_miss(const struct grant_place *place);

/* Count the live resources with a grant of the last 7 days that was missed, and
 * no other since. */
MUST_CHECK enum outcome grant_count_missed(struct db *db, struct arena *arena,
					   int64_t *count);

#endif
