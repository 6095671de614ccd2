/*
 * resource.h - the resources of customers.
 *
 * Each change is one statement that also writes its event and reports whether
 * it took place: a writer that lost a race changes nothing.  The database
 * refuses a change of state that is not allowed (migrations/).
 *
 * Results belong to the arena.  All functions return OUTCOME_OK or the failure
 * of db_run(), and OUTCOME_UNAVAILABLE after logging that this release does not
 * know the state of a resource.
 */
#ifndef LIB_STORE_RESOURCE_H
#define LIB_STORE_RESOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;
struct job;
struct job_claim;

/* How long a promised resource may take, as an SQL interval: half an hour less
 * than Heroku waits. */
#define RESOURCE_PROMISE "11 hours 30 minutes"

enum resource_state {
	RESOURCE_PROVISIONING,
	RESOURCE_PROVISIONED,
	RESOURCE_SUSPENDED,      /* provisioned, but not to be used */
	RESOURCE_KEPT,           /* gone for the marketplace; can be restored */
	RESOURCE_DEPROVISIONING, /* gone for the marketplace */
	RESOURCE_DEPROVISIONED,
	RESOURCE_REFUSED,
	RESOURCE_ABANDONED,
	RESOURCE_MOVED, /* another resource has its content, or a job gives it
			   that; its marketplace still expects it */
	RESOURCE_STATES
};

struct resource {
	const char *id; /* ours: a UUID */
	const char *marketplace;
	const char *addon;
	const char *marketplace_id; /* the marketplace's id, or NULL */
	const char *provider_id;    /* the "id" of our responses */
	const char *request_digest; /* hexadecimal; NULL: unknown */
	const char *name;
	const char *plan;
	const char *region;
	const char *options; /* sealed; NULL: none */
	const char *callback_url;
	const char *log_input_url; /* sealed */
	const char *logplex_token; /* sealed */
	const char *log_drain_token;
	const char *log_drain_url; /* sealed */
	enum resource_state state;
	const char *config; /* sealed */
	const char *message;
	const char *plan_message;
	const char *version;
	const char *grant_code; /* sealed; NULL: none, or used */
	bool has_used_grant;    /* its code has been exchanged */
	bool is_promised;       /* the marketplace waits or has waited for it */

	/* Not set by resource_find(). */
	const char *owner;   /* JSON */
	bool has_live_grant; /* a token, or a code that has not expired */

	/* Set only by resource_get(). */
	/* Its id until it was deprovisioned, if that may be used again; NULL
	 * once its secrets are erased. */
	const char *former_marketplace_id;
	bool has_job;    /* an unfinished listener job */
	bool is_overdue; /* its promise has expired */
	/* The plan that the marketplace has instead of plan, or NULL
	 * (plan_promise.h). */
	const char *marketplace_plan;
	/* The plan of a promised plan change under way, or NULL. */
	const char *changing_to;
	const char *kept_until; /* RESOURCE_KEPT: for people; or NULL */
	bool is_kept_over;      /* RESOURCE_KEPT: this time is over */
	const char *moved_to;   /* our id of the resource that has its
				   content, or is to get it; or NULL */
	bool is_source; /* a job gives its content to another resource */

	/* Used only to store a change: a line for the log of the customer's
	 * app, which a job writes; or NULL. */
	const char *log_line;

	/* Used only to create a resource. */
	int64_t grant_expires_at; /* seconds since 1970; 0: unknown */
	bool exchanges_grant;     /* a job exchanges the code */
};

/* The actor of a change, for its event. */
struct resource_actor {
	const char *name;
	const char *request_id;
};

const char *resource_state_name(enum resource_state state);

/* Return false if name is not the name of a state. */
MUST_CHECK bool resource_state_named(const char *name,
				     enum resource_state *state);

/* Return true for a resource that the marketplace has deprovisioned, even if it
 * is kept or its clean-up is pending. */
MUST_CHECK bool resource_is_gone(const struct resource *resource);

/* Return true if the resource is provisioned, suspended or not. */
MUST_CHECK bool resource_is_provisioned(const struct resource *resource);

/* Return true if the resource is provisioned or will be. */
MUST_CHECK bool resource_is_live(const struct resource *resource);

/* Return true if the resource is live or moved: its marketplace has it, too. */
MUST_CHECK bool resource_is_expected(const struct resource *resource);

/* Find a resource of an add-on by an id that the marketplace uses.  If is_key
 * is true, look first for the marketplace's own id, then for the id of our
 * responses; otherwise in the opposite order.  Some members are not set. */
MUST_CHECK enum outcome resource_find(struct db *db, struct arena *arena,
				      const char *marketplace,
				      const char *addon, const char *id,
				      bool is_key, struct resource *resource,
				      bool *found);

/* Find a resource by our id. */
MUST_CHECK enum outcome resource_get(struct db *db, struct arena *arena,
				     const char *id, struct resource *resource,
				     bool *found);

/*
 * Create a resource in the state that resource has, with its grant.  A resource
 * that is being provisioned gets a job; if claim is not NULL, the job is
 * claimed and stored in *job.  *created is false if one of the ids exists
 * already.
 */
MUST_CHECK enum outcome resource_create(struct db *db, struct arena *arena,
					const struct resource *resource,
					const struct job_claim *claim,
					const struct resource_actor *actor,
					struct job *job, bool *created);

/* Provision an abandoned resource again, in the same way.  *done is false if it
 * is no longer abandoned. */
MUST_CHECK enum outcome resource_resume(struct db *db, struct arena *arena,
					const char *id,
					const struct job_claim *claim,
					const struct resource_actor *actor,
					struct job *job, bool *done);

/* Store the plan, config, plan_message, log_drain_url and log_line of changed,
 * whose plan was old_plan.  *done is false if the resource is not provisioned
 * or has another version. */
MUST_CHECK enum outcome resource_change_plan(struct db *db, struct arena *arena,
					     const struct resource *changed,
					     const char *old_plan,
					     const struct resource_actor *actor,
					     bool *done);

#endif
