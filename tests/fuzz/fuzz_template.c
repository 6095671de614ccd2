/* A template without an error gives texts, the same ones each time, and hands
 * nothing that was put in over to the structure of a URL. */
#include "fuzz.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/findings.h"
#include "lib/text/json.h"
#include "lib/listener/template.h"
#include "lib/text/utf8.h"

static const struct json *parse(struct arena *arena, const char *text)
{
	const char *why;

	return json_parse(arena, text, strlen(text), &why);
}

static void assert_config(const struct addon *addon, const struct json *config)
{
	const struct json *var;

	for (var = json_first(config); var; var = json_next(var)) {
		assert(addon_declares(addon, json_name(var)));
		assert(utf8_is_valid(json_text(var)));
	}
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void assert_repeatable(const struct template *template,
			      struct arena *arena,
			      const struct template_values *values,
			      const struct template_result *first)
{
	struct template_values kept = *values;
	struct template_result again;

	kept.secrets = first->secrets;
	again = template_render(template, arena, &kept);
	assert(same(json_print(arena, first->config),
		    json_print(arena, again.config)));
	assert(same(json_print(arena, first->secrets),
		    json_print(arena, again.secrets)));
	assert(same(first->message, again.message));
	assert(same(first->plan_message, again.plan_message));
	assert(same(first->log_drain_url, again.log_drain_url));
}

/* A config var's bytes that can have a meaning in a URL. */
static const char *structure_of(struct arena *arena, const struct json *config,
				const char *name)
{
	const char *text = json_text(json_member(config, name));
	char *structure = arena_strdup(arena, text ? text : "");
	char *end = structure;

	for (const char *c = structure; *c; c++)
		if (strchr(":/?#[]@!$&'()*+,;=%\" <>\\", *c))
			*end++ = *c;
	*end = '\0';
	return structure;
}

static struct template_result render(const struct template *template,
				     struct arena *arena, const char *name,
				     const char *options)
{
	const struct template_values values = {
		.id = "01234567-89ab-cdef-0123-456789abcdef",
		.plan = "basic",
		.name = name,
		.options = parse(arena, options),
		.secrets = parse(arena, "{\"kept\":\"kept-secret\"}"),
	};
	struct template_result result =
		template_render(template, arena, &values);

	assert_repeatable(template, arena, &values, &result);
	return result;
}

/* What a customer puts in stays within its place: texts of one length, all of
 * it to be encoded, make one structure whatever they are. */
static void judge(const struct template *template, struct arena *arena,
		  const struct addon *addon)
{
	struct template_result plain, hostile;

	plain = render(template, arena, "%%", "{\"a\":\"%\"}");
	hostile = render(template, arena, "@/", "{\"a\":\"#\"}");
	assert_config(addon, hostile.config);
	assert(same(json_text(json_member(hostile.secrets, "kept")),
		    "kept-secret"));
	assert(!hostile.log_drain_url
	       || strncmp(hostile.log_drain_url, "https://", 8) == 0
	       || strncmp(hostile.log_drain_url, "syslog://", 9) == 0);
	assert(same(structure_of(arena, plain.config, "DB_URL"),
		    structure_of(arena, hostile.config, "DB_URL")));
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	struct findings findings = { .arena = arena };
	const struct addon addon = {
		.arena = arena,
		.home = fuzz_folder(),
		.config_vars = parse(arena, "[\"DB_URL\",\"DB_TOKEN\"]"),
	};
	const struct template *template;

	fuzz_write(arena, "template.json", text, length);
	template = template_open(&addon, &findings);
	for (const struct finding *f = findings.first; f; f = f->next)
		assert(utf8_is_valid(f->text));
	assert((template != NULL) == (findings.errors == 0));
	if (template)
		judge(template, arena, &addon);
}
