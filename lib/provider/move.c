/*
 * move.c - gives the content of a resource to one of another add-on: to a new
 * one without a marketplace, or to one that a marketplace has had provisioned.
 */
#include "lib/provider/call.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/store/resource_move.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"

struct move {
	struct provider *provider;
	struct provider_call *call;
	const struct provider_move *request;
	const char *key;
	const char **target; /* our id of the resource that gets the content */
};

/* ---- the resource to move ---- */

/* *is_repeat is true if it is being moved, or was, to the requested target. */
static enum outcome require_movable(const struct move *move,
				    const struct resource *from,
				    const struct resource *target,
				    bool *is_repeat)
{
	struct provider_call *call = move->call;

	*is_repeat = from->moved_to && target
		&& strcmp(from->moved_to, target->id) == 0;
	if (*is_repeat)
		return OUTCOME_OK;
	if (strcmp(from->marketplace, call->addon->dialect->marketplace) == 0
	    && strcmp(from->addon, call->addon->id) == 0)
		return provider_fail(call, OUTCOME_INVALID,
				     "it belongs to this add-on already");
	if (from->state == RESOURCE_SUSPENDED)
		return provider_fail(call, OUTCOME_INVALID,
				     "it is suspended: resume it first");
	return provider_require_provisioned(call, from);
}

/* ---- the resource that gets its content ---- */

static enum outcome require_existing_target(const struct move *move,
					    const struct resource *target)
{
	struct provider_call *call = move->call;
	const char *remedy;

	/* Only an id that was named says that its content may be replaced. */
	if (call->addon->dialect->is_direct || !move->request->key)
		return provider_fail(
			call, OUTCOME_INVALID,
			arena_printf(call->arena,
				     "the resource %s has the id %s already: "
				     "name another one with --as",
				     target->id, move->key));
	if (target->state != RESOURCE_PROVISIONED)
		return provider_fail(
			call, OUTCOME_INVALID,
			arena_printf(call->arena,
				     "the resource %s is %s: it must be "
				     "provisioned",
				     target->id,
				     resource_state_name(target->state)));
	return listener_can_move(call->addon, call->arena, false, &remedy)
		? OUTCOME_OK
		: provider_fail(call, OUTCOME_INVALID, remedy);
}

/* A marketplace must have its resource first, and says its id. */
static enum outcome require_new_target(const struct move *move,
				       const char *plan)
{
	struct provider_call *call = move->call;
	const struct dialect *dialect = call->addon->dialect;
	const char *why;

	if (!dialect->is_direct)
		return provider_fail(
			call, OUTCOME_INVALID,
			arena_join(call->arena, dialect->marketplace,
				   " has no resource ",
				   move->key ? move->key : "",
				   " of this add-on: have the customer create "
				   "one there, and name its id with --as"));
	if (!addon_allows_plan(call->addon, NULL, plan, &why))
		return provider_fail(
			call, OUTCOME_INVALID,
			arena_printf(call->arena,
				     "the new add-on does not have the plan "
				     "%s: name one of its plans with --plan",
				     plan));
	return listener_can_move(call->addon, call->arena, true, &why)
		? OUTCOME_OK
		: provider_fail(call, OUTCOME_INVALID, why);
}

/* The new resource keeps the id that the vendor's objects have. */
static enum outcome choose_ids(const struct move *move,
			       const struct resource *from,
			       struct resource *target)
{
	struct resource other;
	bool is_taken;
	enum outcome outcome =
		provider_find(move->provider, move->call, from->provider_id,
			      false, &other, &is_taken);

	provider_choose_ids(move->call, target, move->key, true);
	if (outcome != OUTCOME_OK)
		return outcome;
	if (is_taken)
		return provider_fail(
			move->call, OUTCOME_INVALID,
			arena_printf(
				move->call->arena,
				"the resource %s of the new add-on has its "
				"id, which the vendor's objects have",
				other.id));
	target->provider_id = from->provider_id;
	return OUTCOME_OK;
}

static enum outcome copy_options(const struct move *move,
				 const struct resource *from,
				 struct resource *target)
{
	const struct sealing_keys *keys = move->provider->keys;
	struct arena *arena = move->call->arena;
	const struct json *options;

	if (!from->options)
		return OUTCOME_OK;
	if (!resource_secrets_open_options(keys, arena, resource_identity(from),
					   from->options, &options))
		return provider_fail(move->call, OUTCOME_UNAVAILABLE,
				     "no key in the keys file opens its "
				     "options");
	target->options = resource_secrets_seal_text(
		keys, arena, resource_identity(target), RESOURCE_SECRET_OPTIONS,
		json_print(arena, options));
	return OUTCOME_OK;
}

static enum outcome describe_target(const struct move *move,
				    const struct resource *from,
				    struct resource *target)
{
	enum outcome outcome;

	*target = (struct resource){
		.plan = move->request->plan ? move->request->plan : from->plan,
	};
	outcome = require_new_target(move, target->plan);
	if (outcome == OUTCOME_OK)
		outcome = choose_ids(move, from, target);
	return outcome == OUTCOME_OK ? copy_options(move, from, target)
				     : outcome;
}

/* ---- the move ---- */

/* Find the target, if it exists, with all its members. */
static enum outcome find_target(const struct move *move,
				struct resource *target, bool *found)
{
	enum outcome outcome = provider_find(move->provider, move->call,
					     move->key, true, target, found);

	return outcome == OUTCOME_OK && *found
		? resource_get(move->provider->db, move->call->arena,
			       target->id, target, found)
		: outcome;
}

static enum outcome begin_move(const struct move *move,
			       const struct resource *from,
			       struct resource *target, bool found,
			       enum provider_progress *progress)
{
	const struct resource_actor actor = provider_actor(move->call);
	bool done;
	enum outcome outcome = found ? require_existing_target(move, target)
				     : describe_target(move, from, target);

	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = resource_move_begin(move->provider->db, move->call->arena,
				      from, target, &actor, &done);
	*progress =
		outcome == OUTCOME_OK && done ? PROVIDER_DONE : PROVIDER_BUSY;
	*move->target = target->id;
	return outcome;
}

static enum outcome attempt_move(void *use_case,
				 enum provider_progress *progress)
{
	struct move *move = use_case;
	struct provider_call *call = move->call;
	struct resource from, target;
	bool found, has_target = false, is_repeat = false;
	enum outcome outcome = resource_get(move->provider->db, call->arena,
					    move->request->from, &from, &found);

	if (outcome == OUTCOME_OK && !found)
		return OUTCOME_NOT_FOUND;
	if (outcome == OUTCOME_OK)
		move->key = move->request->key ? move->request->key
					       : from.provider_id;
	if (outcome == OUTCOME_OK)
		outcome = find_target(move, &target, &has_target);
	if (outcome == OUTCOME_OK)
		outcome = require_movable(
			move, &from, has_target ? &target : NULL, &is_repeat);
	if (outcome != OUTCOME_OK)
		return outcome;
	call->is_repeat = is_repeat;
	if (!is_repeat)
		return begin_move(move, &from, &target, has_target, progress);
	*move->target = target.id;
	*progress = PROVIDER_DONE;
	return OUTCOME_OK;
}

enum outcome provider_move(struct provider *provider,
			   struct provider_call *call,
			   const struct provider_move *request,
			   const char **target)
{
	struct move move = { provider, call, request, NULL, target };

	if (!call->addon->is_valid)
		return provider_fail(call, OUTCOME_UNAVAILABLE,
				     "its add-on has no valid home: provisor "
				     "addons list says why");
	return provider_try(call, attempt_move, &move,
			    "a job has something to do for one of them: "
			    "provisor jobs list --resource shows what");
}
