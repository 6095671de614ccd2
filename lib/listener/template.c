#include "lib/listener/template.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/crypto/random.h"
#include "lib/listener/answer_rules.h"
#include "lib/listener/kind.h"
#include "lib/text/json.h"
#include "lib/text/percent.h"

enum { SECRET_SIZE = 24 }; /* bytes */

struct rendering {
	struct arena *arena;
	const struct listener_call *call;
	const struct json *region; /* its values in "regions", or NULL */
	const char *id;            /* the value of ${id} */
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
	const struct resource *resource = rendering->call->resource;

	switch (piece->kind) {
	case TEMPLATE_LITERAL:
		return piece->text;
	case TEMPLATE_ID:
		return rendering->id;
	case TEMPLATE_UUID:
		return resource->id;
	case TEMPLATE_PLAN:
		return rendering->call->plan;
	case TEMPLATE_OLD_PLAN:
		return rendering->call->old_plan;
	case TEMPLATE_REGION:
		return resource->region;
	case TEMPLATE_NAME:
		return resource->name;
	case TEMPLATE_CALLBACK_URL:
		return resource->callback_url;
	case TEMPLATE_LOG_DRAIN_TOKEN:
		return resource->log_drain_token;
	case TEMPLATE_OF_REGION:
		return json_text(json_member(rendering->region, piece->text));
	case TEMPLATE_OPTION:
		return json_text(
			json_member(rendering->call->options, piece->text));
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
		if (text->is_url && p->kind != TEMPLATE_LITERAL
		    && p->kind != TEMPLATE_OF_REGION)
			value = percent_encode(rendering->arena, value);
		rendered = arena_join(rendering->arena, rendered, value);
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

/* Return true if the marketplace cannot get the config vars.  A customer's
 * options can make them too long. */
static bool is_long_config(struct arena *arena, const struct json *config)
{
	for (const struct json *m = json_first(config); m; m = json_next(m))
		if (answer_rules_config_value(json_name(m), json_text(m)))
			return true;
	return answer_rules_config_size(arena, config) != NULL;
}

static struct listener_answer refuse(const char *message)
{
	return (struct listener_answer){
		.verdict = LISTENER_REFUSED,
		.message = message,
	};
}

/* Return the values for the region of the resource, or NULL. */
static const struct json *find_region(const struct listener_call *call)
{
	const char *region = call->resource->region;

	return json_member(call->addon->template->regions,
			   region ? region : "");
}

/* A rotation creates all secrets again.  A restore and a move take those of the
 * other resource. */
static const struct json *secrets_to_keep(const struct listener_call *call)
{
	if (call->action == LISTENER_ROTATE)
		return NULL;
	return call->from ? call->stored_from.secrets : call->stored.secrets;
}

static struct rendering begin_rendering(struct arena *arena,
					const struct listener_call *call)
{
	return (struct rendering){
		.arena = arena,
		.call = call,
		.id = call->resource->provider_id,
		.region = find_region(call),
		.secrets = json_copy(arena, secrets_to_keep(call)),
	};
}

/* Give a new resource the id of the template.  Return false if the request
 * makes it unfit, for example by a long name. */
static bool render_id(struct rendering *rendering,
		      struct listener_answer *answer)
{
	const struct listener_call *call = rendering->call;

	if (call->action != LISTENER_PROVISION || !call->addon->template->id)
		return true;
	rendering->id = answer->id =
		render_text(rendering, call->addon->template->id);
	return !answer_rules_id(answer->id);
}

/* Return a config var that would have another value than the other resource
 * has, although the plan is the same, or NULL. */
static const char *find_changed_var(const struct listener_call *call,
				    const struct json *config)
{
	const struct json *var = NULL;

	if (call->action == LISTENER_MOVE && call->from->plan
	    && strcmp(call->plan, call->from->plan) == 0)
		var = json_first(config);
	for (; var; var = json_next(var)) {
		const char *present = json_text(
			json_member(call->stored_from.config, json_name(var)));

		if (present && strcmp(present, json_text(var)) != 0)
			return json_name(var);
	}
	return NULL;
}

static struct listener_answer refuse_changed_var(struct arena *arena,
						 const char *name)
{
	return refuse(arena_printf(arena,
				   "The config var %s would change: give "
				   "template.json the text of the other "
				   "add-on, or write hooks.",
				   name));
}

/* "regions" lists the regions in which the add-on is available. */
static struct listener_answer refuse_region(struct arena *arena,
					    const struct listener_call *call)
{
	const char *region = call->resource->region;

	return refuse(region && *region
			      ? arena_printf(arena,
					     "This add-on is not available in "
					     "the region %s.",
					     region)
			      : "This add-on needs a region.");
}

static bool changes_config(enum listener_action action)
{
	return action == LISTENER_PROVISION || action == LISTENER_CHANGE_PLAN
		|| action == LISTENER_ROTATE || action == LISTENER_RESTORE
		|| action == LISTENER_MOVE;
}

/* A new secret would be no part of the content that the other resource has. */
static bool has_new_secret(const struct rendering *rendering)
{
	return rendering->call->action == LISTENER_MOVE
		&& json_count(rendering->secrets)
		> json_count(secrets_to_keep(rendering->call));
}

static struct listener_answer ask_template(struct arena *arena,
					   const struct listener_call *call)
{
	const struct template *template = call->addon->template;
	struct listener_answer answer = { .verdict = LISTENER_DONE };
	struct rendering rendering;
	const char *changed;

	if (!changes_config(call->action))
		return answer;
	rendering = begin_rendering(arena, call);
	if (template->regions && !rendering.region)
		return refuse_region(arena, call);
	if (!render_id(&rendering, &answer))
		return refuse("The name, region or options of this add-on "
			      "cannot be used.");
	answer.stored.config = render_config(&rendering, template->config);
	if (has_new_secret(&rendering))
		return refuse("The config vars of this add-on have a secret "
			      "that the other resource does not have.");
	changed = find_changed_var(call, answer.stored.config);
	if (changed)
		return refuse_changed_var(arena, changed);
	if (is_long_config(arena, answer.stored.config))
		return refuse("The options of this add-on are too long.");
	answer.message = render_text(&rendering,
				     call->action == LISTENER_PROVISION
					     ? template->message
					     : template->plan_message);
	if (answer.message && answer_rules_message(answer.message))
		return refuse("The name or options of this add-on are too long "
			      "for its message, or have control characters.");
	answer.log_drain_url = render_text(&rendering, template->log_drain_url);
	answer.stored.secrets = rendering.secrets;
	return answer;
}

static bool has_config_piece(const struct template *template,
			     enum template_piece_kind kind)
{
	const struct template_text *text = template->config;

	for (; text; text = text->next)
		for (const struct template_piece *p = text->pieces; p;
		     p = p->next)
			if (p->kind == kind)
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
	return has_config_piece(addon->template, TEMPLATE_SECRET);
}

/* The vendor then finds the content of a resource by its secrets. */
static bool template_can_restore(const struct addon *addon, struct arena *arena,
				 const char **remedy)
{
	*remedy = arena_printf(
		arena,
		"%s/template.json: has %s in its config, so the config vars "
		"of one resource cannot be those of another: write hooks "
		"instead",
		addon->home,
		has_config_piece(addon->template, TEMPLATE_ID)
			? "${id}"
			: "no ${secret:…}");
	return has_config_piece(addon->template, TEMPLATE_SECRET)
		&& !has_config_piece(addon->template, TEMPLATE_ID);
}

/* The ${id} stays if the resource is new. */
static bool template_can_move(const struct addon *addon, struct arena *arena,
			      bool is_new, const char **remedy)
{
	bool has_uuid = has_config_piece(addon->template, TEMPLATE_UUID);

	*remedy = arena_printf(
		arena,
		"%s/template.json: has %s in its config, so the config vars "
		"of one resource cannot be those of another: write hooks "
		"instead",
		addon->home, has_uuid ? "${uuid}" : "${id}");
	return !has_uuid
		&& (is_new || !has_config_piece(addon->template, TEMPLATE_ID));
}

static void open_template(struct addon *addon, struct findings *findings)
{
	addon->template = template_read(addon, findings);
}

const struct listener_kind template_kind = {
	.takes_time = false,
	.open = open_template,
	.can_rotate = template_can_rotate,
	.can_restore = template_can_restore,
	.can_move = template_can_move,
	.ask = ask_template,
};
