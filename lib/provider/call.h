/*
 * call.h - functions that the use cases of provider.h share.
 */
#ifndef LIB_PROVIDER_CALL_H
#define LIB_PROVIDER_CALL_H

#include "lib/base/base.h"
#include "lib/listener/listener.h"
#include "lib/provider/provider.h"
#include "lib/store/resource.h"

struct job;
struct job_claim;

/* Set call->failure, and return outcome. */
MUST_CHECK enum outcome provider_fail(struct provider_call *call,
				      enum outcome outcome,
				      const char *failure);

/* Fail for an operator whose act needs a resource in use: OUTCOME_GONE if it is
 * deprovisioned, OUTCOME_INVALID if it is not provisioned yet, or was not. */
MUST_CHECK enum outcome
provider_require_provisioned(struct provider_call *call,
			     const struct resource *resource);

/* Return the actor of the events that call causes. */
struct resource_actor provider_actor(const struct provider_call *call);

/* ---- attempts ---- */

enum provider_progress {
	PROVIDER_DONE,
	PROVIDER_RACED, /* another process changed it first: try again */
	PROVIDER_BUSY   /* another process works on the resource: wait first */
};

/*
 * Call attempt(use_case) until it is done or fails, or time runs out.  An
 * attempt reads the stored state, and changes it only if it is still the same.
 * If the attempt returns OUTCOME_OK, it sets *progress.
 *
 * OUTCOME_UNAVAILABLE  also if the add-on's home is not valid, if time has run
 *                      out, or if the resource was busy for too long; then
 *                      failure becomes call->failure
 */
MUST_CHECK enum outcome
provider_try(struct provider_call *call,
	     enum outcome (*attempt)(void *use_case,
				     enum provider_progress *progress),
	     void *use_case, const char *failure);

/* ---- resources ---- */

/* Find a resource of the call's add-on as resource_find() does. */
MUST_CHECK enum outcome provider_find(struct provider *provider,
				      struct provider_call *call,
				      const char *id, bool is_key,
				      struct resource *resource, bool *found);

/*
 * Look for the reason why a resource with this id may exist although the
 * add-on of call has none.  No response may then say that it is gone.
 *
 * OUTCOME_OK           there is no such reason
 * OUTCOME_GONE         an add-on whose home is missing had it (missing_homes.h)
 * OUTCOME_UNAVAILABLE  an add-on whose home is missing may have it, or the
 *                      database may have lost it (epoch.h), which is logged
 *                      with the remedy; or the database does not respond
 */
MUST_CHECK enum outcome provider_refuse_unknown(struct provider *provider,
						struct provider_call *call,
						const char *id, bool is_key);

/*
 * Look only for the last of these reasons.
 *
 * OUTCOME_OK           the database cannot have lost the resource
 * OUTCOME_UNAVAILABLE  it may, which is logged; or it does not respond
 */
MUST_CHECK enum outcome provider_refuse_lost(struct provider *provider,
					     struct arena *arena,
					     const struct addon *addon,
					     const char *id);

/* What a customer reads instead of a resource that may be lost. */
#define PROVIDER_MAY_BE_LOST                                                   \
	"The records of this add-on are being checked. Please try again "      \
	"later. If this page stays, please ask the add-on's support."

/* Set the ids of a new resource.  Our id is key, the marketplace's UUID, or a
 * new one if is_taken, because a resource of another add-on then has key. */
void provider_choose_ids(struct provider_call *call, struct resource *resource,
			 const char *key, bool is_taken);

/* Write the response from the stored values, without an id.  Return
 * OUTCOME_UNAVAILABLE if its secrets cannot be opened. */
MUST_CHECK enum outcome
provider_stored_response(struct provider *provider, struct provider_call *call,
			 const struct resource *resource, const char *message,
			 struct dialect_response *response);

/* ---- listeners ---- */

/*
 * Call a listener that takes no time.  If the outcome is not OUTCOME_OK,
 * nothing may be stored.
 *
 * OUTCOME_INVALID      it refuses; the reason is call->failure
 * OUTCOME_UNAVAILABLE  it has failed
 */
MUST_CHECK enum outcome provider_ask_at_once(struct provider *provider,
					     struct provider_call *call,
					     enum listener_action action,
					     const struct resource *resource,
					     const char *plan,
					     struct listener_answer *answer);

/* Return the marketplace's API for a listener's call that ends at deadline
 * (platform_access.h). */
MUST_CHECK struct listener_platform
provider_platform_access(struct provider *provider, struct arena *arena,
			 const struct addon *addon,
			 const struct resource *resource, int64_t deadline);

/*
 * Take a place among those that may wait for the add-on's listener
 * (pool_share.h); provider_try() gives it back.  Return OUTCOME_UNAVAILABLE if
 * all are taken.
 */
MUST_CHECK enum outcome provider_take_place(struct provider *provider,
					    struct provider_call *call);

/*
 * Return a claim that lasts as long as a listener may take within this call.
 * If the job is not finished then, it is due once the marketplace has had time
 * to repeat its request, or at once if call->keeps.  All claims of a call have
 * the same id, so that it finds a job which it claimed before its connection
 * broke.
 */
struct job_claim provider_claim(const struct provider *provider,
				struct provider_call *call);

/* Carry out a claimed job while the marketplace waits.  The response has an
 * id only after a provision. */
MUST_CHECK enum outcome provider_carry_out(struct provider *provider,
					   struct provider_call *call,
					   const struct resource *resource,
					   const struct job *job,
					   struct dialect_response *response);

#endif
