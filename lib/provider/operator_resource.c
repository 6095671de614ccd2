/*
 * operator_resource.c - acts of an operator on a resource.
 */
#include "lib/provider/operator_call.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/provider/session.h"
#include "lib/store/resource.h"
#include "lib/store/resource_list.h"
#include "lib/store/sign_on.h"
#include "lib/text/json.h"
#include "lib/text/uuid.h"

enum { MOST_CANDIDATES = 20 };

static const char *resource_id(const struct json *resource)
{
	return json_text(json_member(resource, "id"));
}

/* ---- finding ---- */

/* If found has the resource with our id, make it the only one. */
static void choose_ours(const char *id, struct json_rows *found)
{
	char uuid[UUID_LENGTH + 1];

	for (int i = 0; uuid_read(id, uuid) && i < found->count; i++) {
		if (strcmp(resource_id(found->list[i]), uuid) != 0)
			continue;
		found->list[0] = found->list[i];
		found->count = 1;
	}
}

enum outcome operator_find_resource(struct db *db, struct operator_act *act,
				    const struct operator_target *target,
				    struct json_rows *found)
{
	const struct resource_list_query query = {
		.marketplace = target->marketplace,
		.addon = target->addon,
		.id = target->id,
		.limit = MOST_CANDIDATES,
	};
	enum outcome outcome = resource_list(db, act->arena, &query, found);

	if (outcome == OUTCOME_INVALID) /* an id that no column can hold */
		return operator_fail(act, OUTCOME_NOT_FOUND,
				     "no resource has this id");
	if (outcome != OUTCOME_OK)
		return outcome;
	if (target->prefers_ours)
		choose_ours(target->id, found);
	if (found->count == 0)
		return operator_fail(act, OUTCOME_NOT_FOUND,
				     arena_printf(act->arena,
						  "no resource has the id %s",
						  target->id));
	if (found->count > 1)
		return operator_fail(
			act, OUTCOME_INVALID,
			arena_printf(act->arena,
				     "more than one resource has the id %s",
				     target->id));
	return OUTCOME_OK;
}

/* ---- config vars ---- */

enum outcome operator_set_config(struct provider *provider,
				 struct operator_act *act,
				 const struct json *resource,
				 const struct json *changes,
				 bool replaces_unreadable,
				 enum provider_config_effect *effect)
{
	struct provider_call call;
	enum outcome outcome =
		operator_begin_call(provider, act, resource, &call);

	if (outcome == OUTCOME_OK)
		outcome = provider_set_config(provider, &call,
					      resource_id(resource), changes,
					      replaces_unreadable, effect);
	return operator_end_call(act, &call, outcome);
}

enum outcome operator_rotate(struct provider *provider,
			     struct operator_act *act,
			     const struct json *resource, int overlap,
			     bool replaces_unreadable,
			     enum provider_config_effect *effect)
{
	struct provider_call call;
	enum outcome outcome =
		operator_begin_call(provider, act, resource, &call);

	if (outcome == OUTCOME_OK)
		outcome =
			provider_rotate(provider, &call, resource_id(resource),
					overlap, replaces_unreadable, effect);
	return operator_end_call(act, &call, outcome);
}

enum outcome operator_reveal(struct db *db, struct operator_act *act,
			     const struct json *resource)
{
	const struct resource_actor actor = operator_actor(act);

	return resource_list_reveal(db, act->arena, resource_id(resource),
				    &actor);
}

/* ---- out of use and into use ---- */

static enum outcome change_target_suspension(
	struct provider *provider, struct operator_act *act,
	const struct json *resource, const char *reason,
	enum provider_suspension_effect *effect,
	enum outcome (*change)(struct provider *provider,
			       struct provider_call *call, const char *id,
			       const char *reason,
			       enum provider_suspension_effect *effect))
{
	struct provider_call call;
	enum outcome outcome =
		operator_begin_call(provider, act, resource, &call);

	if (outcome == OUTCOME_OK)
		outcome = change(provider, &call, resource_id(resource), reason,
				 effect);
	return operator_end_call(act, &call, outcome);
}

enum outcome operator_suspend(struct provider *provider,
			      struct operator_act *act,
			      const struct json *resource, const char *reason,
			      enum provider_suspension_effect *effect)
{
	return change_target_suspension(provider, act, resource, reason, effect,
					provider_suspend);
}

enum outcome operator_resume(struct provider *provider,
			     struct operator_act *act,
			     const struct json *resource, const char *reason,
			     enum provider_suspension_effect *effect)
{
	return change_target_suspension(provider, act, resource, reason, effect,
					provider_resume);
}

/* ---- ends ---- */

static enum outcome deprovision_target(struct provider *provider,
				       struct operator_act *act,
				       const struct json *resource,
				       bool is_kept)
{
	struct provider_call call;
	enum outcome outcome =
		operator_begin_call(provider, act, resource, &call);

	if (outcome == OUTCOME_OK)
		outcome = provider_deprovision_id(
			provider, &call, resource_id(resource), is_kept);
	if (outcome == OUTCOME_GONE)
		call.failure = "it is deprovisioned already";
	return operator_end_call(act, &call, outcome);
}

enum outcome operator_deprovision(struct provider *provider,
				  struct operator_act *act,
				  const struct json *resource)
{
	return deprovision_target(provider, act, resource, true);
}

/* Only a restore can keep the time of a kept resource from ending. */
enum outcome operator_deprovision_now(struct provider *provider,
				      struct operator_act *act,
				      const struct json *resource)
{
	const char *state = json_text(json_member(resource, "state"));
	enum outcome outcome =
		deprovision_target(provider, act, resource, false);

	if (outcome != OUTCOME_GONE || strcmp(state, "kept") != 0)
		return outcome;
	return operator_fail(act, OUTCOME_INVALID,
			     "it is being restored: provisor jobs list --kind "
			     "restore shows the job");
}

enum outcome operator_restore(struct provider *provider,
			      struct operator_act *act, const struct json *kept,
			      const struct json *resource)
{
	struct provider_call call;
	enum outcome outcome = operator_begin_call(provider, act, kept, &call);

	if (outcome == OUTCOME_OK)
		outcome = provider_restore(provider, &call, resource_id(kept),
					   resource_id(resource));
	return operator_end_call(act, &call, outcome);
}

enum outcome operator_end_sessions(struct db *db, struct operator_act *act,
				   const struct json *resource)
{
	const struct sign_on_event event = {
		.resource = resource_id(resource),
		.operator= act->actor,
		.request_id = act->request_id,
	};

	return provider_end_sessions(db, act->arena, &event);
}
