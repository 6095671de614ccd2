#include "lib/listener/template.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/crypto/random.h"
#include "lib/listener/kind.h"
#include "lib/text/json.h"
#include "lib/text/percent.h"

enum { SECRET_SIZE = 24 }; /* bytes */

struct rendering {
	struct arena *arena;
	const struct listener_call *call;
	const struct json *options;
	struct json *secrets;
};

static const char *get_secret(struct rendering *rendering, const char *name)
{
	if (!json_member(rendering->secrets, name))
		json_put_text(rendering->secrets, name,
			      random_text(rendering->arena, SECRET_SIZE));
	return json_text(json_member(rendering->secrets, name));
}

/* Return NULL for a reference to an absent value. */
static const char *render_piece(struct rendering *rendering,
				const struct template_piece *piece)
{
	switch (piece->kind) {
	case TEMPLATE_LITERAL:
		return piece->text;
	case TEMPLATE_ID:
		return rendering->call->resource->provider_id;
	case TEMPLATE_PLAN:
		return rendering->call->plan;
	case TEMPLATE_REGION:
		return rendering->call->resource->region;
	case TEMPLATE_NAME:
		return rendering->call->resource->name;
	case TEMPLATE_OPTION:
		return json_text(json_member(rendering->options, piece->text));
	case TEMPLATE_SECRET:
		return get_secret(rendering, piece->text);
	}
	return NULL;
}

static const char *render_text(struct rendering *rendering,
			       const struct template_text *text)
{
	const char *rendered = "";

	if (!text)
		return NULL;
	for (const struct template_piece *p = text->pieces; p; p = p->next) {
		const char *value = render_piece(rendering, p);

		if (!value)
			continue;
		if (text->is_url && p->kind != TEMPLATE_LITERAL)
			value = percent_encode(rendering->arena, value);
		rendered =
			arena_printf(rendering->arena, "%s%s", rendered, value);
	}
	return rendered;
}

static const struct json *render_config(struct rendering *rendering,
					const struct template_text *config)
{
	struct json *object = json_object(rendering->arena);

	for (; config; config = config->next)
		json_put_text(object, config->name,
			      render_text(rendering, config));
	return object;
}

/* A rotation creates all secrets again. */
static struct rendering begin_rendering(struct arena *arena,
					const struct listener_call *call)
{
	const char *options = call->resource->options;
	bool keeps_secrets = call->action != LISTENER_ROTATE;
	const char *why;

	return (struct rendering){
		.arena = arena,
		.call = call,
		.options = options
			? json_parse(arena, options, strlen(options), &why)
			: NULL,
		.secrets = json_copy(
			arena, keeps_secrets ? call->stored.secrets : NULL),
	};
}

static struct listener_answer ask_template(struct arena *arena,
					   const struct listener_call *call)
{
	const struct template *template = call->addon->template;
	struct listener_answer answer = { .verdict = LISTENER_DONE };
	struct rendering rendering;

	if (call->action == LISTENER_DEPROVISION
	    || call->action == LISTENER_SIGN_ON)
		return answer;
	rendering = begin_rendering(arena, call);
	answer.stored.config = render_config(&rendering, template->config);
	answer.message = render_text(&rendering,
				     call->action == LISTENER_PROVISION
					     ? template->message
					     : template->plan_message);
	answer.log_drain_url = render_text(&rendering, template->log_drain_url);
	answer.stored.secrets = rendering.secrets;
	return answer;
}

static bool has_secrets(const struct template *template)
{
	const struct template_text *text = template->config;

	for (; text; text = text->next)
		for (const struct template_piece *p = text->pieces; p;
		     p = p->next)
			if (p->kind == TEMPLATE_SECRET)
				return true;
	return false;
}

static bool template_can_rotate(const struct addon *addon, struct arena *arena,
				const char **remedy)
{
	*remedy = arena_printf(arena,
			       "%s/template.json: has no ${secret:…} in its "
			       "config: there is nothing to rotate",
			       addon->home);
	return has_secrets(addon->template);
}

static void open_template(struct addon *addon, struct findings *findings)
{
	addon->template = template_read(addon, findings);
}

const struct listener_kind template_kind = {
	.takes_time = false,
	.open = open_template,
	.can_rotate = template_can_rotate,
	.ask = ask_template,
};
