/*
 * suspension.h - suspends resources and resumes them.
 *
 * A suspended resource must not be used, but loses nothing.  Its marketplace
 * can change its plan and deprovision it, and its customer can sign on.
 */
#ifndef LIB_PROVIDER_SUSPENSION_H
#define LIB_PROVIDER_SUSPENSION_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct provider;
struct provider_call;

enum provider_suspension_effect {
	PROVIDER_SUSPENSION_UNCHANGED, /* it is in that state already, or a job
					  is queued that leads to it */
	PROVIDER_SUSPENSION_DONE,
	PROVIDER_SUSPENSION_BEGUN /* a job calls the listener */
};

/*
 * Suspend the resource with our id for a reason, which may be NULL.  The state
 * changes at once, and a job has the listener take the resource out of use.
 *
 * OUTCOME_NOT_FOUND    the id is unknown
 * OUTCOME_GONE         it is deprovisioned
 * OUTCOME_INVALID      it was not provisioned
 * OUTCOME_UNAVAILABLE  the database does not respond, or the add-on has no
 *                      valid home
 */
MUST_CHECK enum outcome
provider_suspend(struct provider *provider, struct provider_call *call,
		 const char *id, const char *reason,
		 enum provider_suspension_effect *effect);

/* End the suspension.  A job has the listener put the resource into use again;
 * the state changes when that is done.  The outcomes are those above. */
MUST_CHECK enum outcome
provider_resume(struct provider *provider, struct provider_call *call,
		const char *id, const char *reason,
		enum provider_suspension_effect *effect);

/*
 * If begins, suspend the resource with the marketplace's id, on behalf of the
 * marketplace; otherwise end its suspension, unless an operator has begun it. A
 * repeated request changes nothing.  The outcomes are those above.
 */
MUST_CHECK enum outcome
provider_suspend_for_marketplace(struct provider *provider,
				 struct provider_call *call, const char *id,
				 bool begins);

#endif
