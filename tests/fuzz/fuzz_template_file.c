/* A template without an error always renders the same texts, and no value
 * changes the structure of a URL. */
#include "fuzz.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/findings.h"
#include "lib/base/utf8.h"
#include "lib/listener/listener.h"
#include "lib/text/json.h"

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

/* Assert that rendering with the created secrets gives the same texts. */
static void assert_repeatable(struct arena *arena,
			      const struct listener_call *call,
			      const struct listener_answer *first)
{
	struct listener_call repeated = *call;
	struct listener_answer again;

	repeated.stored = first->stored;
	again = listener_ask_opened(arena, &repeated);
	assert(same(json_print(arena, first->stored.config),
		    json_print(arena, again.stored.config)));
	assert(same(json_print(arena, first->stored.secrets),
		    json_print(arena, again.stored.secrets)));
	assert(same(first->message, again.message));
	assert(same(first->log_drain_url, again.log_drain_url));
}

/* Return the bytes of a config var that have a meaning in a URL. */
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

static struct listener_answer render(struct arena *arena,
				     const struct addon *addon,
				     enum listener_action action,
				     const char *name, const char *options)
{
	const struct resource resource = {
		.provider_id = "01234567-89ab-cdef-0123-456789abcdef",
		.name = name,
		.options = options,
	};
	const struct listener_call call = {
		.addon = addon,
		.resource = &resource,
		.action = action,
		.plan = "basic",
		.stored.secrets = parse(arena, "{\"kept\":\"kept-secret\"}"),
	};
	struct listener_answer answer = listener_ask_opened(arena, &call);

	assert_repeatable(arena, &call, &answer);
	return answer;
}

/* Values of a customer do not leave their place: values of one length that need
 * encoding all give the same structure. */
static void judge(struct arena *arena, const struct addon *addon,
		  enum listener_action action)
{
	struct listener_answer plain, hostile;

	plain = render(arena, addon, action, "%%", "{\"a\":\"%\"}");
	hostile = render(arena, addon, action, "@/", "{\"a\":\"#\"}");
	assert_config(addon, hostile.stored.config);
	assert(same(json_text(json_member(hostile.stored.secrets, "kept")),
		    "kept-secret"));
	assert(!hostile.log_drain_url
	       || strncmp(hostile.log_drain_url, "https://", 8) == 0
	       || strncmp(hostile.log_drain_url, "syslog://", 9) == 0);
	assert(same(structure_of(arena, plain.stored.config, "DB_URL"),
		    structure_of(arena, hostile.stored.config, "DB_URL")));
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	struct findings findings = { .arena = arena };
	struct addon addon = {
		.arena = arena,
		.listener = ADDON_TEMPLATE,
		.home = fuzz_folder(),
		.manifest = "addon-manifest.json",
		.config_vars = parse(arena, "[\"DB_URL\",\"DB_TOKEN\"]"),
	};

	fuzz_write(arena, "template.json", text, length);
	listener_open(&addon, &findings);
	for (const struct finding *f = findings.first; f; f = f->next)
		assert(utf8_is_valid(f->text));
	assert((addon.template != NULL) == (findings.errors == 0));
	if (!addon.template)
		return;
	judge(arena, &addon, LISTENER_PROVISION);
	judge(arena, &addon, LISTENER_CHANGE_PLAN);
}
