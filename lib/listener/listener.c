#include "lib/listener/listener.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/text/json.h"
#include "lib/listener/template.h"
#include "lib/store/resource.h"

static int64_t spent; /* since listener_spent() was last asked */

bool listener_takes_time(const struct addon *addon)
{
	return addon->listener != ADDON_TEMPLATE;
}

/* What the database keeps as JSON; it has checked it. */
static const struct json *read_kept(struct arena *arena, const char *text)
{
	const char *why;

	return text ? json_parse(arena, text, strlen(text), &why)
		    : json_object(arena);
}

static struct listener_answer render(struct arena *arena,
				     const struct listener_call *q,
				     const struct resource_secrets *kept)
{
	const struct template_values values = {
		.id = q->resource->provider_id,
		.plan = q->plan,
		.region = q->resource->region,
		.name = q->resource->name,
		.options = read_kept(arena, q->resource->options),
		.secrets = q->action == HOOK_ROTATE ? NULL : kept->secrets,
	};
	struct template_result result;

	if (q->action == HOOK_DEPROVISION || q->action == HOOK_SIGN_ON)
		return (struct listener_answer){ .verdict = HOOK_DONE };
	result = template_render(q->addon->template, arena, &values);
	return (struct listener_answer){
		.verdict = HOOK_DONE,
		.kept = { result.config, result.secrets },
		.message = q->action == HOOK_PROVISION ? result.message
						       : result.plan_message,
		.log_drain_url = result.log_drain_url,
	};
}

static struct listener_answer run(const struct sealing_keys *keys,
				  struct arena *arena,
				  const struct listener_call *q,
				  const struct resource_secrets *kept)
{
	const struct resource *resource = q->resource;
	const struct hook_call call = {
		.action = q->action,
		.id = resource->provider_id,
		.uuid = resource->id,
		.plan = q->plan,
		.old_plan = q->old_plan,
		.region = resource->region,
		.name = resource->name,
		.options = read_kept(arena, resource->options),
		.owner = read_kept(arena, resource->owner),
		.config = kept->config,
		.log_input_url = resource_secrets_open_text(
			keys, arena, resource->id, RESOURCE_SECRET_LOG_INPUT,
			resource->log_input_url),
		.user = q->user,
		.overlap = q->overlap,
		.key = q->key,
		.attempt = q->attempt,
		.deadline = q->deadline,
	};
	int64_t started = clock_now();
	const struct hook_result result =
		hook_run(q->addon, arena, &call, q->wait_until);
	const char *drain = result.log_drain_url;

	spent += clock_now() - started;
	if (!drain)
		drain = resource_secrets_open_text(keys, arena, resource->id,
						   RESOURCE_SECRET_LOG_DRAIN,
						   resource->log_drain_url);
	return (struct listener_answer){
		.verdict = result.verdict,
		.kept = { result.config ? result.config : kept->config,
			  kept->secrets },
		.message = result.message,
		.log_drain_url = drain,
		.retry_after = result.retry_after,
		.redirect = result.redirect,
		.session = result.session,
		.why = result.why,
		.may_still_run = result.may_still_run,
	};
}

bool listener_can_rotate(const struct addon *addon, struct arena *arena,
			 const char **remedy)
{
	if (addon->listener == ADDON_TEMPLATE) {
		*remedy = arena_printf(arena,
				       "%s/template.json: has no "
				       "${secret:…} in its config: there is "
				       "nothing to rotate",
				       addon->home);
		return template_has_secrets(addon->template);
	}
	*remedy = arena_printf(arena,
			       "%s/hooks/rotate: is missing: put there what "
			       "makes new credentials",
			       addon->home);
	return hook_is_there(addon, arena, HOOK_ROTATE);
}

struct listener_answer listener_ask(const struct sealing_keys *keys,
				    struct arena *arena,
				    const struct listener_call *question)
{
	const struct resource *resource = question->resource;
	struct resource_secrets kept;

	if (!resource_secrets_open(keys, arena, resource->id, resource->config,
				   &kept))
		return (struct listener_answer){
			.verdict = HOOK_FAILED,
			.why = "its config does not open: is a key missing in "
			       "the keys file?",
		};
	if (question->addon->listener == ADDON_TEMPLATE)
		return render(arena, question, &kept);
	return run(keys, arena, question, &kept);
}

int64_t listener_spent(void)
{
	int64_t since = spent;

	spent = 0;
	return since;
}
