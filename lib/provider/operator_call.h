/*
 * operator_call.h - functions that the files of operator.h share.
 */
#ifndef LIB_PROVIDER_OPERATOR_CALL_H
#define LIB_PROVIDER_OPERATOR_CALL_H

#include "lib/base/base.h"
#include "lib/provider/operator.h"

struct resource_actor;

/* Set act->failure, and return outcome. */
MUST_CHECK enum outcome operator_fail(struct operator_act *act,
				      enum outcome outcome,
				      const char *failure);

/* Return the actor of the act's events. */
struct resource_actor operator_actor(const struct operator_act *act);

/*
 * Fill in the call of a use case for a resource.  operator_end_call() follows.
 *
 * OUTCOME_UNAVAILABLE  its add-on has no valid home
 */
MUST_CHECK enum outcome operator_begin_call(const struct provider *provider,
					    struct operator_act *act,
					    const struct json *resource,
					    struct provider_call *call);

/* Set act->failure to why the call has failed, and return outcome. */
enum outcome operator_end_call(struct operator_act *act,
			       const struct provider_call *call,
			       enum outcome outcome);

#endif
