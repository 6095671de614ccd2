/*
 * template_file.c - reads and checks template.json.
 */
#include "lib/listener/template.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/home_file.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/findings.h"
#include "lib/listener/answer_rules.h"
#include "lib/text/json.h"
#include "lib/text/url.h"

struct template_file {
	struct home_file json;
	const struct addon *addon;
	const struct json *regions; /* an object of objects of strings, or
				       NULL */
};

/* Return true if the text begins with a literal scheme and a host.  Config vars
 * may use forms that are not URLs in the strict sense, such as a list of
 * hosts. */
static bool begins_as_url(struct arena *arena, const struct template_text *text)
{
	const struct template_piece *first = text->pieces;
	size_t length = first && first->kind == TEMPLATE_LITERAL
		? url_scheme_length(first->text)
		: 0;

	return length > 0
		&& !strchr("/?#", template_text_sample(arena, text)[length]);
}

static void judge_template_var(const struct template_file *file,
			       const char *field,
			       const struct template_text *text)
{
	struct arena *arena = file->json.arena;
	const char *wrong;

	if (text->is_url && !begins_as_url(arena, text)) {
		home_file_error(
			&file->json, field,
			"must begin with a scheme such as https:// and a host, "
			"since its name ends in _URL");
		return;
	}
	wrong = answer_rules_config_value(text->name,
					  template_text_sample(arena, text));
	if (wrong)
		home_file_error(&file->json, field, "%s: shorten it", wrong);
}

static struct template_text *read_template_var(const struct template_file *file,
					       const struct json *member)
{
	const char *name = json_name(member);
	const char *field = arena_printf(file->json.arena, "config.%s", name);
	const char *wrong =
		answer_rules_config_name(file->addon, file->json.arena, name);
	int errors = file->json.findings->errors;
	struct template_text *text =
		template_text_read(&file->json, file->regions, field, member);
	bool is_well = file->json.findings->errors == errors;

	if (wrong)
		home_file_error(&file->json, field, "%s", wrong);
	if (!text)
		return NULL;
	text->name = name;
	text->is_url = answer_rules_is_url_name(name);
	if (is_well)
		judge_template_var(file, field, text);
	return text;
}

static const struct template_text *
read_template_config(const struct template_file *file,
		     const struct json *config)
{
	const struct template_text *first = NULL;
	const struct template_text **end = &first;
	const struct json *member;
	const char *too_large;

	if (config && !json_is_object(config)) {
		home_file_error(&file->json, "config",
				"must be an object of strings");
		return NULL;
	}
	for (member = json_first(config); member; member = json_next(member)) {
		struct template_text *text = read_template_var(file, member);

		if (!text)
			continue;
		*end = text;
		end = &text->next;
	}
	too_large = config ? answer_rules_config_size(file->json.arena, config)
			   : NULL;
	if (too_large)
		home_file_error(&file->json, "config", "%s", too_large);
	return first;
}

/* Ids are stored unsealed, and must not be those of other resources. */
static const struct template_text *
read_template_id(const struct template_file *file, const struct json *value)
{
	int errors = file->json.findings->errors;
	const struct template_text *text =
		template_text_read(&file->json, file->regions, "id", value);
	const char *fault;

	if (!text || file->json.findings->errors != errors)
		return NULL;
	if (template_text_has(text, TEMPLATE_ID)
	    || template_text_has(text, TEMPLATE_SECRET))
		home_file_error(&file->json, "id",
				"must contain neither ${id} nor "
				"${secret:NAME}: use ${uuid}");
	else if (!template_text_has(text, TEMPLATE_UUID))
		home_file_error(&file->json, "id",
				"must contain ${uuid}, so that no two "
				"resources have the same: add it");
	fault = answer_rules_id(template_text_sample(file->json.arena, text));
	if (fault)
		home_file_error(&file->json, "id", "%s", fault);
	return text;
}

/* Messages are stored unsealed, so they must not contain secrets. */
static const struct template_text *
read_template_message(const struct template_file *file,
		      const struct json *document, const char *field)
{
	const struct template_text *text =
		template_text_read(&file->json, file->regions, field,
				   json_member(document, field));
	const char *fault;

	if (template_text_has(text, TEMPLATE_SECRET))
		home_file_error(&file->json, field,
				"must not contain ${secret:NAME}: put secrets "
				"into config");
	fault = text ? answer_rules_message(
			template_text_sample(file->json.arena, text))
		     : NULL;
	if (fault)
		home_file_error(&file->json, field, "%s", fault);
	return text;
}

/* Warn of config vars that are declared but never set, which is probably an
 * oversight. */
static void warn_of_missing_vars(const struct template_file *file,
				 const struct json *config)
{
	const struct json *name;

	for (name = json_first(file->addon->config_vars); name;
	     name = json_next(name))
		if (!json_member(config, json_text(name)))
			home_file_warn(&file->json,
				       arena_printf(file->json.arena,
						    "config.%s",
						    json_text(name)),
				       "is missing, though the manifest "
				       "declares it: add it, or remove it "
				       "there");
}

static const struct template_text *
read_template_log_drain(const struct template_file *file,
			const struct json *value)
{
	int errors = file->json.findings->errors;
	struct template_text *text = template_text_read(
		&file->json, file->regions, "log_drain_url", value);
	const char *fault;

	if (!value && file->addon->drains_logs)
		home_file_error(&file->json, "log_drain_url",
				"is missing, though the manifest says that the "
				"add-on drains logs: add it, or change that "
				"there");
	if (!text)
		return NULL;
	fault = answer_rules_log_drain_url(
		file->addon, file->json.arena,
		template_text_sample(file->json.arena, text));
	if (fault && file->json.findings->errors == errors)
		home_file_error(&file->json, "log_drain_url", "%s", fault);
	text->is_url = true;
	return text;
}

/* Return the object, or NULL if there is none. */
static const struct json *
read_template_regions(const struct template_file *file,
		      const struct json *regions)
{
	const struct json *region = json_first(regions);

	while (region && json_is_text_object(region))
		region = json_next(region);
	if (!regions
	    || (json_count(regions) > 0 && json_is_object(regions) && !region))
		return regions;
	home_file_error(&file->json, "regions",
			"must be an object that has, for each region, an "
			"object of strings");
	return NULL;
}

static bool template_uses_options(const struct template *template)
{
	const struct template_text *text = template->config;

	while (text && !template_text_has(text, TEMPLATE_OPTION))
		text = text->next;
	return text || template_text_has(template->id, TEMPLATE_OPTION)
		|| template_text_has(template->message, TEMPLATE_OPTION)
		|| template_text_has(template->plan_message, TEMPLATE_OPTION)
		|| template_text_has(template->log_drain_url, TEMPLATE_OPTION);
}

struct template *template_read(const struct addon *addon,
			       struct findings *findings)
{
	static const char *const known[] = {
		"id",           "config",        "message",
		"plan_message", "log_drain_url", "regions"
	};
	struct template_file file = {
		.json = home_file_read(
			addon->arena,
			arena_join(addon->arena, addon->home, "/template.json"),
			findings),
		.addon = addon,
	};
	const struct json *document = file.json.document;
	struct template *template;
	int errors = findings->errors;

	if (!document)
		return NULL;
	template = arena_alloc(addon->arena, sizeof *template);
	file.regions = template->regions =
		read_template_regions(&file, json_member(document, "regions"));
	template->id = read_template_id(&file, json_member(document, "id"));
	template->config =
		read_template_config(&file, json_member(document, "config"));
	template->message = read_template_message(&file, document, "message");
	template->plan_message =
		read_template_message(&file, document, "plan_message");
	template->log_drain_url = read_template_log_drain(
		&file, json_member(document, "log_drain_url"));
	template->uses_options = template_uses_options(template);
	home_file_refuse_unknown(&file.json, "", document, known, COUNT(known));
	warn_of_missing_vars(&file, json_member(document, "config"));
	return findings->errors == errors ? template : NULL;
}
