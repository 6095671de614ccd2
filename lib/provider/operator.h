/*
 * operator.h - acts of an operator on a resource or a job, one function each,
 * for all interfaces of operators.
 *
 * A resource or job is the object that operator_find_resource() or
 * operator_find_job() returns, or that resource_list.h or job_list.h lists.  It
 * may have changed since: each act checks the stored state again, and a
 * repeated act has the same effect as one.  Each act that changes or reveals
 * something writes an event, whose actor is act->actor.
 *
 * All functions return OUTCOME_UNAVAILABLE if the database does not respond.
 */
#ifndef LIB_PROVIDER_OPERATOR_H
#define LIB_PROVIDER_OPERATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/db/json_rows.h"
#include "lib/provider/provider.h"
#include "lib/provider/suspension.h"

struct arena;
struct db;
struct json;

struct operator_act {
	struct arena *arena;
	const char *actor;      /* such as "operator:ann" */
	const char *request_id; /* of the event; NULL: none */
	int64_t deadline;       /* of clock_now(), for acts on resources */

	/* Set if an act fails: why, a clause without a full stop, or NULL
	 * after logging why. */
	const char *failure;
};

/* ---- resources ---- */

/* Names a resource by any of its ids.  marketplace and addon choose between
 * resources that have the same id; NULL: any.  With prefers_ours, our id of a
 * resource is meant, even if it is the marketplace's id of another. */
struct operator_target {
	const char *id;
	const char *marketplace;
	const char *addon;
	bool prefers_ours;
};

/*
 * Find a resource.
 *
 * OUTCOME_OK         found->list[0] is the resource
 * OUTCOME_NOT_FOUND  no resource has the id
 * OUTCOME_INVALID    several have it; found lists up to 20 of them
 */
MUST_CHECK enum outcome
operator_find_resource(struct db *db, struct operator_act *act,
		       const struct operator_target *target,
		       struct json_rows *found);

/*
 * Set config vars, as provider_set_config() does.
 *
 * OUTCOME_UNAVAILABLE  also if the add-on has no valid home
 */
MUST_CHECK enum outcome
operator_set_config(struct provider *provider, struct operator_act *act,
		    const struct json *resource, const struct json *changes,
		    bool replaces_unreadable,
		    enum provider_config_effect *effect);

/* Replace the credentials, as provider_rotate() does.  OUTCOME_UNAVAILABLE as
 * above. */
MUST_CHECK enum outcome operator_rotate(struct provider *provider,
					struct operator_act *act,
					const struct json *resource,
					int overlap, bool replaces_unreadable,
					enum provider_config_effect *effect);

/* Take the resource out of use, or into use again, as provider_suspend() and
 * provider_resume() do.  OUTCOME_UNAVAILABLE as above. */
MUST_CHECK enum outcome
operator_suspend(struct provider *provider, struct operator_act *act,
		 const struct json *resource, const char *reason,
		 enum provider_suspension_effect *effect);
MUST_CHECK enum outcome
operator_resume(struct provider *provider, struct operator_act *act,
		const struct json *resource, const char *reason,
		enum provider_suspension_effect *effect);

/* One of these two. */
typedef enum outcome
operator_suspension(struct provider *provider, struct operator_act *act,
		    const struct json *resource, const char *reason,
		    enum provider_suspension_effect *effect);

/* A resource that is to be created.  NULL: absent. */
struct operator_new {
	const char *marketplace; /* whose dialect is_direct */
	const char *addon;
	const char *key; /* the customer's id: there is one resource with it */
	const char *plan;
	const char *name;
	const char *region;
	const struct json *options; /* an object of strings, never NULL */
};

/*
 * Create a resource of an add-on without a marketplace, as provider_provision()
 * does.  *is_repeat is true if it existed before.
 *
 * OUTCOME_INVALID      also if the add-on has a marketplace
 * OUTCOME_UNAVAILABLE  also if the add-on has no valid home
 */
MUST_CHECK enum outcome operator_create(struct provider *provider,
					struct operator_act *act,
					const struct operator_new *new,
					struct dialect_response *response,
					bool *is_repeat);

/* Change the plan of such a resource, as provider_change_plan() does.  The
 * outcomes are those above. */
MUST_CHECK enum outcome operator_change_plan(struct provider *provider,
					     struct operator_act *act,
					     const struct json *resource,
					     const char *plan,
					     struct dialect_response *response);

/*
 * Deprovision the resource.  It is kept for the time that its add-on's
 * settings.json says, if any.  The marketplace is not notified.
 *
 * OUTCOME_GONE         it is deprovisioned already, and may be kept
 * OUTCOME_UNAVAILABLE  as above
 */
MUST_CHECK enum outcome operator_deprovision(struct provider *provider,
					     struct operator_act *act,
					     const struct json *resource);

/* Do the same, but do not keep it; if it is kept already, that ends.
 * OUTCOME_INVALID: it is being restored. */
MUST_CHECK enum outcome operator_deprovision_now(struct provider *provider,
						 struct operator_act *act,
						 const struct json *resource);

/* Give resource the content of the kept one, as provider_restore() does. */
MUST_CHECK enum outcome operator_restore(struct provider *provider,
					 struct operator_act *act,
					 const struct json *kept,
					 const struct json *resource);

/* Where a resource is moved to. */
struct operator_move {
	const char *marketplace;
	const char *addon;
	const char *key, *plan; /* as in struct provider_move */
};

/* Move the resource to another add-on, as provider_move() does. */
MUST_CHECK enum outcome operator_move(struct provider *provider,
				      struct operator_act *act,
				      const struct json *resource,
				      const struct operator_move *to,
				      const char **target, bool *is_repeat);

/* Sign out every browser of the resource. */
MUST_CHECK enum outcome operator_end_sessions(struct db *db,
					      struct operator_act *act,
					      const struct json *resource);

/* Record that the operator sees the secrets of a resource.  If this fails, show
 * none. */
MUST_CHECK enum outcome operator_reveal(struct db *db, struct operator_act *act,
					const struct json *resource);

/* ---- jobs ---- */

/* Find a job by its id.  OUTCOME_NOT_FOUND: no job has it. */
MUST_CHECK enum outcome operator_find_job(struct db *db,
					  struct operator_act *act,
					  const char *id,
					  const struct json **job);

/*
 * Make a job due now.
 *
 * OUTCOME_GONE     it is already done
 * OUTCOME_INVALID  it cannot be retried now: it is running or held, or another
 *                  job comes first
 */
MUST_CHECK enum outcome operator_retry_job(struct db *db,
					   struct operator_act *act,
					   const struct json *job);

/* Return what operator_cancel_job() would, but do nothing. */
MUST_CHECK enum outcome operator_may_cancel_job(struct operator_act *act,
						const struct json *job);

/*
 * Finish a job without carrying it out.  *state is the resulting state of its
 * resource (job_operator.h).
 *
 * OUTCOME_GONE     it is already done
 * OUTCOME_INVALID  it is running
 */
MUST_CHECK enum outcome operator_cancel_job(struct db *db,
					    struct operator_act *act,
					    const struct json *job,
					    const char **state);

#endif
