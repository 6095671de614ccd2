#include "lib/provider/operator_call.h"

#include "lib/addon/addon_index.h"
#include "lib/base/arena.h"
#include "lib/store/resource.h"
#include "lib/text/json.h"

enum outcome operator_fail(struct operator_act *act, enum outcome outcome,
			   const char *failure)
{
	act->failure = failure;
	return outcome;
}

struct resource_actor operator_actor(const struct operator_act *act)
{
	return (struct resource_actor){
		.name = act->actor,
		.request_id = act->request_id,
	};
}

enum outcome operator_begin_call(const struct provider *provider,
				 struct operator_act *act,
				 const struct json *resource,
				 struct provider_call *call)
{
	const char *marketplace =
		json_text(json_member(resource, "marketplace"));
	const char *addon = json_text(json_member(resource, "addon"));

	*call = (struct provider_call){
		.arena = act->arena,
		.addon = addons_find(provider->addons, marketplace, addon),
		.request_id = act->request_id,
		.actor = act->actor,
		.deadline = act->deadline,
	};
	if (call->addon)
		return OUTCOME_OK;
	call->failure = arena_printf(act->arena,
				     "%s at %s has no valid home; provisor "
				     "addons list shows the reason",
				     addon, marketplace);
	return OUTCOME_UNAVAILABLE;
}

enum outcome operator_end_call(struct operator_act *act,
			       const struct provider_call *call,
			       enum outcome outcome)
{
	return operator_fail(act, outcome, call->failure);
}
