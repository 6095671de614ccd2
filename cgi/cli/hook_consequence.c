#include "cgi/cli/hook_consequence.h"

#include "lib/addon/addon.h"
#include "lib/base/arena.h"

enum { VERDICTS = LISTENER_FAILED_FOR_GOOD + 1 };

/* clang-format off */
#define AGAIN_WITH_REQUEST "answer 503, and repeat the call when the marketplace repeats its request"

/* What provisor does after an answer to a call that is not a test.  NULL:
 * provisor repeats the call by itself. */
static const char *const consequences[LISTENER_ACTIONS][VERDICTS] = {
	[LISTENER_PROVISION] = {
		[LISTENER_DONE]            = "store the config vars and answer the marketplace with them",
		[LISTENER_REFUSED]         = "answer 422 with the message, also to each repeated request",
		[LISTENER_PENDING]         = AGAIN_WITH_REQUEST,
		[LISTENER_FAILED]          = AGAIN_WITH_REQUEST,
		[LISTENER_FAILED_FOR_GOOD] = "answer 422, and call deprovision to clean up",
	},
	[LISTENER_CHANGE_PLAN] = {
		[LISTENER_DONE]            = "store the new plan and answer the marketplace with all config vars",
		[LISTENER_REFUSED]         = "answer 422 with the message, and leave the plan as it is",
		[LISTENER_PENDING]         = "answer 503, repeat the call, and change back unless the marketplace repeats its request",
		[LISTENER_FAILED]          = AGAIN_WITH_REQUEST,
		[LISTENER_FAILED_FOR_GOOD] = "answer 422, and leave the plan as it is",
	},
	[LISTENER_DEPROVISION] = {
		[LISTENER_DONE]            = "erase its config vars and keep a tombstone",
		[LISTENER_REFUSED]         = "leave it to an operator: a deprovision cannot be refused",
		[LISTENER_FAILED_FOR_GOOD] = "leave it to an operator",
	},
	[LISTENER_SIGN_ON] = {
		[LISTENER_DONE]            = "sign the user in",
		[LISTENER_REFUSED]         = "answer 403 and a page with the message",
		[LISTENER_PENDING]         = "answer 503, and not repeat the call",
		[LISTENER_FAILED]          = "answer 503, and not repeat the call",
		[LISTENER_FAILED_FOR_GOOD] = "answer 503, and not repeat the call",
	},
	[LISTENER_ROTATE] = {
		[LISTENER_DONE]            = "store the config vars and send them to the marketplace",
		[LISTENER_REFUSED]         = "leave the config vars as they are",
		[LISTENER_FAILED_FOR_GOOD] = "leave the config vars as they are",
	},
	[LISTENER_SUSPEND] = {
		[LISTENER_DONE]            = "leave the resource suspended, as it was before the call",
		[LISTENER_REFUSED]         = "leave it to an operator: a suspension cannot be refused",
		[LISTENER_FAILED_FOR_GOOD] = "leave it to an operator",
	},
	[LISTENER_RESUME] = {
		[LISTENER_DONE]            = "count the resource as provisioned",
		[LISTENER_REFUSED]         = "leave it to an operator, and the resource suspended",
		[LISTENER_FAILED_FOR_GOOD] = "leave it to an operator, and the resource suspended",
	},
	[LISTENER_MOVE] = {
		[LISTENER_DONE]            = "store the config vars, send them to the marketplace, and clean nothing of the old resource up",
		[LISTENER_REFUSED]         = "undo the move: the old resource is in use again",
		[LISTENER_FAILED_FOR_GOOD] = "undo the move: the old resource is in use again",
	},
	[LISTENER_RESTORE] = {
		[LISTENER_DONE]            = "store the config vars, send them to the marketplace, and keep a tombstone of the old resource",
		[LISTENER_REFUSED]         = "leave both resources as they are",
		[LISTENER_FAILED_FOR_GOOD] = "leave both resources as they are",
	},
};

/* The same for a provision after the marketplace has received 202. */
static const char *const promised_consequences[VERDICTS] = {
	[LISTENER_DONE]            = "store the config vars and send them to the marketplace",
	[LISTENER_REFUSED]         = "report to the marketplace that the resource will not be provisioned",
	[LISTENER_FAILED_FOR_GOOD] = "report to the marketplace that the resource will not be provisioned, and call deprovision to clean up",
};

/* The same for an answer "pending", if the marketplace can be called about a
 * resource that has a grant. */
static const char *const pending_consequences[LISTENER_ACTIONS] = {
	[LISTENER_PROVISION] = "answer 202 to a create with a grant, and repeat the call; to a create without one, answer 503",
	[LISTENER_CHANGE_PLAN] = "answer 202 for a resource with a grant, and repeat the call; for one without a grant, answer 503",
};
/* clang-format on */

const char *hook_consequence(struct arena *arena, const struct addon *addon,
			     enum listener_action action,
			     const struct listener_answer *answer)
{
	bool may_promise = pending_consequences[action]
		&& addon->dialect->may_promise && addon_may_call(addon);
	bool is_promised = may_promise && action == LISTENER_PROVISION
		&& addon->provisions_later;
	const char *consequence = is_promised
		? promised_consequences[answer->verdict]
		: consequences[action][answer->verdict];

	if (may_promise && !is_promised && answer->verdict == LISTENER_PENDING)
		return pending_consequences[action];
	if (consequence)
		return consequence;
	if (answer->retry_after == 0)
		return "repeat the call, at growing intervals";
	return arena_printf(arena, "repeat the call in %d s",
			    answer->retry_after);
}
