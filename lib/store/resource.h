/*
 * resource.h - the resources customers have, and what happened to them.
 *
 * Every change is one statement that also writes its event, and says whether
 * it took place: a write that lost a race changes nothing.  All statements may
 * be repeated without harm.  What is found belongs to the arena.
 *
 * All functions return OUTCOME_OK or what db_run() says went wrong.
 */
#ifndef LIB_STORE_RESOURCE_H
#define LIB_STORE_RESOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/outcome.h"

struct arena;
struct db;
struct job;
struct job_claim;

enum resource_state {
	RESOURCE_PROVISIONING,
	RESOURCE_PROVISIONED,
	RESOURCE_DEPROVISIONING, /* gone, as far as the marketplace knows */
	RESOURCE_DEPROVISIONED,
	RESOURCE_REFUSED,
	RESOURCE_ABANDONED
};

struct resource {
	const char *id; /* ours: a UUID */
	const char *marketplace;
	const char *addon;
	const char *marketplace_id; /* NULL: it has none */
	const char *provider_id;    /* what we answer as "id" */
	const char *request_digest; /* hexadecimal; NULL: never requested */
	const char *name;
	const char *plan;
	const char *region;
	const char *options; /* JSON */
	const char *owner;   /* JSON */
	const char *callback_url;
	const char *log_input_url; /* sealed */
	const char *log_drain_token;
	const char *log_drain_url; /* sealed */
	enum resource_state state;
	const char *config; /* sealed */
	const char *message;
	const char *plan_message;
	const char *version;
	const char *grant_code;   /* sealed; NULL: none, or used */
	int64_t grant_expires_at; /* to create: s since 1970; 0: not said */
	bool has_used_grant;      /* found: its code has been exchanged */
	bool has_live_grant;      /* found: a token, or a code that is good */
	bool has_job;             /* found: a listener has something to do */
	bool is_promised; /* the marketplace was told that it will be there */
	bool exchanges_grant; /* to create: a job is to do that */
	bool is_overdue; /* found: it was promised, and is too late by now */
};

/* Who asks for a change, as its event tells. */
struct resource_actor {
	const char *name;
	const char *request_id;
};

const char *resource_state_name(enum resource_state state);
/* False when there is no state of this name. */
bool resource_state_named(const char *name, enum resource_state *state);

/* Is it gone for good?  Then it must never come back. */
bool resource_is_gone(const struct resource *resource);

/*
 * Find a resource of an add-on by an id the marketplace uses for it: its own
 * (is_key) or the one we answered, and if that finds none, the other.  *found
 * tells whether there is one.
 */
enum outcome resource_find(struct db *db, struct arena *arena,
			   const char *marketplace, const char *addon,
			   const char *id, bool is_key,
			   struct resource *resource, bool *found);

/* Find a resource by our id. */
enum outcome resource_get(struct db *db, struct arena *arena, const char *id,
			  struct resource *resource, bool *found);

/*
 * Record a new resource, in the state it has, with its grant, if it has one.
 * One that is provisioning has a job; with a claim that is taken at once, and
 * *job is what was claimed.  *made is false when one of its ids exists already.
 */
enum outcome resource_create(struct db *db, struct arena *arena,
			     const struct resource *wanted,
			     const struct job_claim *claim,
			     const struct resource_actor *actor,
			     struct job *job, bool *made);

/* Begin anew with an abandoned resource, in the same way.  *done is false when
 * it is no longer that. */
enum outcome resource_resume(struct db *db, struct arena *arena, const char *id,
			     const struct job_claim *claim,
			     const struct resource_actor *actor,
			     struct job *job, bool *done);

/*
 * Give it the plan, config, plan_message and log_drain_url of changed, whose
 * id and version name what was read.  *done is false when it has changed or
 * gone since.
 */
enum outcome resource_change_plan(struct db *db, struct arena *arena,
				  const struct resource *changed,
				  const struct resource_actor *actor,
				  bool *done);

#endif
