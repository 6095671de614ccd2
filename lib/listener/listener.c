#include "lib/listener/listener.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/listener/call_log.h"
#include "lib/listener/kind.h"
#include "lib/listener/template.h"
#include "lib/metrics/metrics.h"

static const char *const action_names[LISTENER_ACTIONS] = {
	[LISTENER_PROVISION] = "provision",
	[LISTENER_CHANGE_PLAN] = "change-plan",
	[LISTENER_DEPROVISION] = "deprovision",
	[LISTENER_SIGN_ON] = "sign-on",
	[LISTENER_ROTATE] = "rotate",
	[LISTENER_SUSPEND] = "suspend",
	[LISTENER_RESUME] = "resume",
	[LISTENER_RESTORE] = "restore",
	[LISTENER_MOVE] = "move",
};

static int64_t spent; /* ms since listener_spent() was last called */

const char *listener_action_name(enum listener_action action)
{
	return action_names[action];
}

const char *listener_list_actions(struct arena *arena, const char *conjunction)
{
	const char *list = action_names[0];

	for (int i = 1; i < LISTENER_ACTIONS - 1; i++)
		list = arena_printf(arena, "%s, %s", list, action_names[i]);
	return arena_printf(arena, "%s %s %s", list, conjunction,
			    action_names[LISTENER_ACTIONS - 1]);
}

bool listener_action_named(const char *name, enum listener_action *action)
{
	for (int i = 0; i < LISTENER_ACTIONS; i++) {
		if (strcmp(action_names[i], name) != 0)
			continue;
		*action = (enum listener_action)i;
		return true;
	}
	return false;
}

/* Return NULL for an add-on without a listener, which is not valid. */
static const struct listener_kind *kind_of(const struct addon *addon)
{
	static const struct listener_kind *const kinds[] = {
		[ADDON_TEMPLATE] = &template_kind,
		[ADDON_EXEC] = &exec_kind,
		[ADDON_SO] = &library_kind,
	};

	return kinds[addon->listener];
}

void listener_open(struct addon *addon, struct findings *findings)
{
	kind_of(addon)->open(addon, findings);
}

bool listener_takes_time(const struct addon *addon)
{
	const struct listener_kind *kind = kind_of(addon);

	return kind && kind->takes_time;
}

bool listener_can_rotate(const struct addon *addon, struct arena *arena,
			 const char **remedy)
{
	return kind_of(addon)->can_rotate(addon, arena, remedy);
}

bool listener_can_restore(const struct addon *addon, struct arena *arena,
			  const char **remedy)
{
	return kind_of(addon)->can_restore(addon, arena, remedy);
}

bool listener_can_move(const struct addon *addon, struct arena *arena,
		       bool is_new, const char **remedy)
{
	return kind_of(addon)->can_move(addon, arena, is_new, remedy);
}

/* ---- calls ---- */

static const char *open_text(const struct sealing_keys *keys,
			     struct arena *arena,
			     const struct listener_call *call,
			     enum resource_secret which, const char *sealed)
{
	return resource_secrets_open_text(
		keys, arena, resource_identity(call->resource), which, sealed);
}

static bool needs_options(const struct addon *addon)
{
	return listener_takes_time(addon) || addon->template->uses_options;
}

static bool open_from(const struct sealing_keys *keys, struct arena *arena,
		      struct listener_call *call)
{
	const struct resource *from = call->from;
	const struct resource_identity identity = resource_identity(from);

	return resource_secrets_open(keys, arena, identity, from->config,
				     &call->stored_from)
		&& resource_secrets_open_options(keys, arena, identity,
						 from->options,
						 &call->options_from);
}

/* Open the secrets of the call's resource.  A template needs no URLs and no
 * tokens. */
static bool open_resource(const struct sealing_keys *keys, struct arena *arena,
			  struct listener_call *call,
			  const char **log_drain_url)
{
	const struct resource *resource = call->resource;

	if (!resource_secrets_open(keys, arena, resource_identity(resource),
				   resource->config, &call->stored))
		return false;
	if (needs_options(call->addon)
	    && !resource_secrets_open_options(
		    keys, arena, resource_identity(resource), resource->options,
		    &call->options))
		return false;
	if (call->from && !open_from(keys, arena, call))
		return false;
	if (!listener_takes_time(call->addon))
		return true;
	call->log_input_url =
		open_text(keys, arena, call, RESOURCE_SECRET_LOG_INPUT,
			  resource->log_input_url);
	call->logplex_token =
		open_text(keys, arena, call, RESOURCE_SECRET_LOGPLEX_TOKEN,
			  resource->logplex_token);
	*log_drain_url = open_text(keys, arena, call, RESOURCE_SECRET_LOG_DRAIN,
				   resource->log_drain_url);
	return *log_drain_url || !resource->log_drain_url;
}

/* Those that the resource has or, in a move that is not complete, gets. */
static const struct resource_secrets *
present_secrets(const struct listener_call *call)
{
	return call->action == LISTENER_MOVE && call->from->is_source
		? &call->stored_from
		: &call->stored;
}

struct listener_answer listener_ask(const struct sealing_keys *keys,
				    struct arena *arena,
				    const struct listener_call *call)
{
	struct listener_call opened = *call;
	const struct resource_secrets *present = present_secrets(&opened);
	const char *log_drain_url = NULL;
	struct listener_answer answer;

	if (!open_resource(keys, arena, &opened, &log_drain_url))
		return (struct listener_answer){
			.verdict = LISTENER_FAILED,
			.why = "its config or options cannot be opened: "
			       "restore the key that sealed them to the keys "
			       "file",
		};
	answer = listener_ask_opened(arena, &opened);
	if (!answer.stored.config)
		answer.stored.config = present->config;
	if (!answer.stored.secrets)
		answer.stored.secrets = present->secrets;
	if (!answer.log_drain_url)
		answer.log_drain_url = log_drain_url;
	return answer;
}

/* A call for which the listener has no code is not counted. */
static void count_call(const struct listener_call *call,
		       const struct listener_answer *answer)
{
	static const char *const results[] = {
		[LISTENER_DONE] = "done",
		[LISTENER_REFUSED] = "refused",
		[LISTENER_PENDING] = "pending",
		[LISTENER_FAILED] = "failed",
		[LISTENER_FAILED_FOR_GOOD] = "failed-for-good",
	};

	bool has_failed = answer->verdict == LISTENER_FAILED
		|| answer->verdict == LISTENER_FAILED_FOR_GOOD;

	if (answer->ended || has_failed)
		metrics_call(call->addon->dialect->marketplace, call->addon->id,
			     listener_action_name(call->action),
			     results[answer->verdict], has_failed);
}

struct listener_answer listener_ask_opened(struct arena *arena,
					   const struct listener_call *call)
{
	const struct listener_kind *kind = kind_of(call->addon);
	int64_t started = clock_now();
	struct listener_answer answer = kind->ask(arena, call);

	if (kind->takes_time) {
		spent += clock_now() - started;
		count_call(call, &answer);
	}
	if (answer.why)
		call_log(LOG_LEVEL_ERROR, call, NULL, answer.why);
	return answer;
}

int64_t listener_spent(void)
{
	int64_t since = spent;

	spent = 0;
	return since;
}

/* ---- answers ---- */

struct resource listener_seal(const struct sealing_keys *keys,
			      struct arena *arena,
			      const struct resource *resource,
			      const struct listener_answer *answer)
{
	struct resource changed = *resource;

	if (answer->id)
		changed.provider_id = answer->id;
	changed.config = resource_secrets_seal(
		keys, arena, resource_identity(&changed), &answer->stored);
	changed.message = changed.plan_message = answer->message;
	changed.log_drain_url = resource_secrets_seal_text(
		keys, arena, resource_identity(&changed),
		RESOURCE_SECRET_LOG_DRAIN, answer->log_drain_url);
	return changed;
}

struct dialect_response listener_response(const struct listener_answer *answer)
{
	return (struct dialect_response){
		.config = answer->stored.config,
		.message = answer->message,
		.log_drain_url = answer->log_drain_url,
	};
}
