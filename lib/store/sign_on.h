/*
 * sign_on.h - sign-ons and sessions of customers.
 *
 * A sign-on is an event of its resource.  It is written once for each request,
 * even if its statement runs again.  The identity of the customer is stored
 * apart from the event, and for a shorter time.  A session lasts until its
 * resource is deprovisioned or the sessions of the resource are ended.  Results
 * belong to the arena.
 *
 * All functions return OUTCOME_OK or the failure of db_run(), unless stated
 * otherwise.
 */
#ifndef LIB_STORE_SIGN_ON_H
#define LIB_STORE_SIGN_ON_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;

/* What a session cookie contains. */
struct sign_on_session {
	const char *marketplace;
	const char *addon;
	const char *resource; /* our id */
	int64_t event;        /* the id of the event of its sign-on */
};

/* The resource that a marketplace signs a customer on to. */
struct sign_on_lookup {
	const char *marketplace;
	const char *addon;
	const char *id;
	bool is_key; /* id is the marketplace's, and not ours */
};

/* What a customer sees of a resource.  Times are text, in UTC. */
struct sign_on_resource {
	const char *id;             /* ours */
	const char *marketplace_id; /* the marketplace's id, or NULL */
	const char *provider_id;    /* the "id" of our responses */
	const char *name;
	const char *plan;
	const char *region;
	const char *state;
	const char *created_at;
	const char *provisioned_at;
	const char *updated_at;
	const char *config; /* sealed */
};

/* An event that a customer has caused. */
struct sign_on_event {
	const char *resource; /* our id */
	const char *request_id;
	/* The person; NULL: unknown. */
	const char *user;
	const char *email;
	const char *address;
	const char *reason;   /* of a refusal */
	const char *operator; /* who ends sessions in place of the customer; or
				 NULL */
};

/* Find the resource of a session.  *found is false if the session has ended. */
MUST_CHECK enum outcome sign_on_find(struct db *db, struct arena *arena,
				     const struct sign_on_session *session,
				     struct sign_on_resource *resource,
				     bool *found);

/*
 * Find the resource that lookup names, and write the event of a sign-on, in one
 * statement.  Set event->resource, and *id to the id of the event.  *found is
 * false unless the resource is live and has lookup->id as the id of our
 * responses, and also as the marketplace's if is_key is true.  It is also false
 * if an attempt whose reply was lost has written the event.  In these cases,
 * use resource_find() and sign_on_begin().
 */
MUST_CHECK enum outcome
sign_on_begin_at_once(struct db *db, struct arena *arena,
		      const struct sign_on_lookup *lookup,
		      struct sign_on_event *event, int64_t *id, bool *found);

/* Write the event of a sign-on, whose id is *id.
 * OUTCOME_NOT_FOUND: the resource does not exist. */
MUST_CHECK enum outcome sign_on_begin(struct db *db, struct arena *arena,
				      const struct sign_on_event *event,
				      int64_t *id);

/* Write the event that a sign-on with a valid token was refused. */
MUST_CHECK enum outcome sign_on_refuse(struct db *db, struct arena *arena,
				       const struct sign_on_event *event);

/*
 * Use up tokens, which must not be used again before they expire.  digests are
 * hexadecimal and end with NULL; they expire in expires_in ms.  *is_first is
 * false if another request has used one of them.
 */
MUST_CHECK enum outcome sign_on_use_tokens(struct db *db, struct arena *arena,
					   const char *const digests[],
					   const char *request_id,
					   int64_t expires_in, bool *is_first);

/* Record that a customer is shown the config vars: at most one event a minute
 * for a person at an address. */
MUST_CHECK enum outcome sign_on_reveal(struct db *db, struct arena *arena,
				       const struct sign_on_event *event);

/* Set *is_revealed if sign_on_reveal() was called for the person and address of
 * event in the last minute. */
MUST_CHECK enum outcome sign_on_is_revealed(struct db *db, struct arena *arena,
					    const struct sign_on_event *event,
					    bool *is_revealed);

/* End one session, which expires in expires_in ms. */
MUST_CHECK enum outcome sign_on_end(struct db *db, struct arena *arena,
				    const struct sign_on_session *session,
				    const char *request_id, int64_t expires_in);

/* End all present sessions of a resource. */
MUST_CHECK enum outcome sign_on_end_all(struct db *db, struct arena *arena,
					const struct sign_on_event *event);

#endif
