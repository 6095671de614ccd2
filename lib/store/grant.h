/*
 * grant.h - a marketplace's permission to act for one resource, as it is kept.
 *
 * First there is a code, good for some minutes and one use; in exchange for it
 * an access token, and a refresh token for when that expires.  Every resource
 * has its row from the create to the end of the deprovision, so that a renewal
 * is an update of it: what is gone cannot get a grant again.
 *
 * All of it is sealed in the database, and open here.  All functions return
 * OUTCOME_OK or what db_run() says went wrong.
 */
#ifndef LIB_STORE_GRANT_H
#define LIB_STORE_GRANT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/outcome.h"

struct arena;
struct db;
struct sealing_keys;

/* Where it is kept. */
struct grant_keeper {
	struct db *db;
	const struct sealing_keys *keys;
	struct arena *arena;
	const char *resource; /* our id */
};

/* NULL: there is none. */
struct grant {
	const char *code;
	bool code_is_live;
	const char *access_token;
	int64_t access_token_left; /* seconds until it expires */
	const char *refresh_token;
	/* The one before, until the access token that came with refresh has
	 * worked: the marketplace may not have noted the change. */
	const char *previous_refresh_token;
};

/* *found is false when the resource is gone. */
enum outcome grant_read(const struct grant_keeper *keeper, struct grant *grant,
			bool *found);

/*
 * Keep a newer code for a resource, in place of none or of one that is still
 * unused and expires earlier: requests overtake each other.  expires_at is in
 * seconds since 1970, 0 where it is not known.  With exchanges, a job to
 * exchange it, unless there is one.  OUTCOME_OK also when there was nothing to
 * replace.
 */
enum outcome grant_renew(const struct grant_keeper *keeper, const char *code,
			 int64_t expires_at, bool exchanges);

/* Keep what was given in exchange for a code or refresh token: access, for
 * expires_in seconds, and refresh.  The code is used up. */
enum outcome grant_take(const struct grant_keeper *keeper,
			const struct grant *before, const char *access,
			const char *refresh, int64_t expires_in);

/* The access token has worked: forget the previous refresh token. */
enum outcome grant_confirm(const struct grant_keeper *keeper);

/* The code can no longer be exchanged: forget it, and tell so in an event. */
enum outcome grant_miss(const struct grant_keeper *keeper);

#endif
