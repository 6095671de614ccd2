#include "lib/listener/listener.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/text/json.h"
#include "lib/listener/template.h"
#include "lib/store/resource.h"

static int64_t spent; /* since vendor_spent() was last asked */

bool vendor_takes_time(const struct addon *addon)
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

static struct vendor_answer render(struct arena *arena,
				   const struct vendor_question *q,
				   const struct kept *kept)
{
	const struct listener_template_values values = {
		.id = q->resource->provider_id,
		.plan = q->plan,
		.region = q->resource->region,
		.name = q->resource->name,
		.options = read_kept(arena, q->resource->options),
		.secrets = q->action == HOOK_ROTATE ? NULL : kept->secrets,
	};
	struct listener_template_result result;

	if (q->action == HOOK_DEPROVISION || q->action == HOOK_SIGN_ON)
		return (struct vendor_answer){ .verdict = HOOK_DONE };
	result = listener_template_render(q->addon->template, arena, &values);
	return (struct vendor_answer){
		.verdict = HOOK_DONE,
		.kept = { result.config, result.secrets },
		.message = q->action == HOOK_PROVISION ? result.message
						       : result.plan_message,
		.log_drain_url = result.log_drain_url,
	};
}

static struct vendor_answer run(const struct secret_keys *keys,
				struct arena *arena,
				const struct vendor_question *q,
				const struct kept *kept)
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
		.log_input_url =
			kept_open_text(keys, arena, resource->id,
				       KEPT_LOG_INPUT, resource->log_input_url),
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
		drain = kept_open_text(keys, arena, resource->id,
				       KEPT_LOG_DRAIN, resource->log_drain_url);
	return (struct vendor_answer){
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

bool vendor_can_rotate(const struct addon *addon, struct arena *arena,
		       const char **remedy)
{
	if (addon->listener == ADDON_TEMPLATE) {
		*remedy = arena_printf(arena,
				       "%s/template.json: has no "
				       "${secret:…} in its config: there is "
				       "nothing to rotate",
				       addon->home);
		return listener_template_has_secrets(addon->template);
	}
	*remedy = arena_printf(arena,
			       "%s/hooks/rotate: is missing: put there what "
			       "makes new credentials",
			       addon->home);
	return hook_is_there(addon, arena, HOOK_ROTATE);
}

struct vendor_answer vendor_ask(const struct secret_keys *keys,
				struct arena *arena,
				const struct vendor_question *question)
{
	const struct resource *resource = question->resource;
	struct kept kept;

	if (!kept_open(keys, arena, resource->id, resource->config, &kept))
		return (struct vendor_answer){
			.verdict = HOOK_FAILED,
			.why = "its config does not open: is a key missing in "
			       "the keys file?",
		};
	if (question->addon->listener == ADDON_TEMPLATE)
		return render(arena, question, &kept);
	return run(keys, arena, question, &kept);
}

int64_t vendor_spent(void)
{
	int64_t since = spent;

	spent = 0;
	return since;
}
