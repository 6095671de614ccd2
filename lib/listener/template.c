#include "lib/listener/template.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/text/json.h"
#include "lib/text/percent.h"
#include "lib/crypto/random.h"
#include "lib/listener/template_parts.h"

enum { SECRET_SIZE = 24 }; /* bytes */

struct rendering {
	struct arena *arena;
	const struct template_values *values;
	struct json *secrets;
};

static const char *keep_secret(struct rendering *r, const char *name)
{
	if (!json_member(r->secrets, name))
		json_put_text(r->secrets, name,
			      random_text(r->arena, SECRET_SIZE));
	return json_text(json_member(r->secrets, name));
}

static const char *fill(struct rendering *r, const struct template_piece *piece)
{
	const char *const *field;

	switch (piece->kind) {
	case TEMPLATE_LITERAL:
		return piece->text;
	case TEMPLATE_FIELD:
		field = (const char *const *)((const char *)r->values
					      + piece->field);
		return *field;
	case TEMPLATE_OPTION:
		return json_text(json_member(r->values->options, piece->text));
	case TEMPLATE_SECRET:
		return keep_secret(r, piece->text);
	}
	return NULL;
}

static const char *render(struct rendering *r, const struct template_text *text)
{
	const char *rendered = "";

	if (!text)
		return NULL;
	for (const struct template_piece *p = text->pieces; p; p = p->next) {
		const char *value = fill(r, p);

		if (!value)
			continue;
		if (text->is_url && p->kind != TEMPLATE_LITERAL)
			value = percent_encode(r->arena, value);
		rendered = arena_printf(r->arena, "%s%s", rendered, value);
	}
	return rendered;
}

bool template_has_secrets(const struct template *template)
{
	const struct template_text *t = template->config;

	for (; t; t = t->next)
		for (const struct template_piece *p = t->pieces; p; p = p->next)
			if (p->kind == TEMPLATE_SECRET)
				return true;
	return false;
}

struct template_result template_render(const struct template *template,
				       struct arena *arena,
				       const struct template_values *values)
{
	struct rendering r = { arena, values,
			       json_copy(arena, values->secrets) };
	struct json *config = json_object(arena);

	for (const struct template_text *t = template->config; t; t = t->next)
		json_put_text(config, t->name, render(&r, t));
	return (struct template_result){
		.config = config,
		.secrets = r.secrets,
		.message = render(&r, template->message),
		.plan_message = render(&r, template->plan_message),
		.log_drain_url = render(&r, template->log_drain_url),
	};
}
