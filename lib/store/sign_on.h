/*
 * sign_on.h - what the database knows of customers' browsers.
 *
 * A visit begins and is refused as an event of its resource; it lasts while the
 * resource lives and nobody has ended all its sessions.  All statements may be
 * repeated without harm.  What is found belongs to the arena.
 *
 * All functions return OUTCOME_OK or what db_run() says went wrong.
 */
#ifndef LIB_STORE_SIGN_ON_H
#define LIB_STORE_SIGN_ON_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/outcome.h"

struct arena;
struct db;

/* What a session says of itself. */
struct sign_on_session {
	const char *marketplace;
	const char *addon;
	const char *resource; /* its id is ours */
	int64_t issued_at;    /* microseconds since 1970, by the database */
};

/* What a customer sees of a resource. */
struct sign_on_resource {
	const char *id;          /* ours */
	const char *provider_id; /* what we answer as "id" */
	const char *name;
	const char *plan;
	const char *region;
	const char *state;
	const char *created_at; /* moments are texts, in UTC */
	const char *provisioned_at;
	const char *updated_at;
	const char *config; /* sealed */
};

/* Who comes, as events tell it.  NULL is left out. */
struct sign_on_event {
	const char *resource; /* its id is ours */
	const char *actor;
	const char *request_id;
	const char *user;
	const char *email;
	const char *address;
	const char *reason; /* of a refusal */
};

/* The resource of a session, by one look at its primary key.  *found is false
 * when the session has ended with it, or all of its sessions were. */
enum outcome sign_on_find(struct db *db, struct arena *arena,
			  const struct sign_on_session *session,
			  struct sign_on_resource *resource, bool *found);

/* Write down that somebody has signed on; *issued_at, in us since 1970, is
 * when. */
enum outcome sign_on_begin(struct db *db, struct arena *arena,
			   const struct sign_on_event *event,
			   int64_t *issued_at);

/* Write down that somebody with a good token was turned away. */
enum outcome sign_on_refuse(struct db *db, struct arena *arena,
			    const struct sign_on_event *event);

/*
 * Use up tokens, which digests (hexadecimal, up to NULL) name, until when they
 * expire, in ms since 1970.  *is_first is false when another request has used
 * one of them.
 */
enum outcome sign_on_use_tokens(struct db *db, struct arena *arena,
				const char *const digests[],
				const char *request_id, int64_t good_until,
				bool *is_first);

/* End all sessions that there are of a resource. */
enum outcome sign_on_end_all(struct db *db, struct arena *arena,
			     const struct sign_on_event *event);

#endif
