/* Each output and exit status of a hook has one verdict.  Values that are
 * passed on are declared, printable and of the right type.  A failure passes
 * nothing on and its reason quotes no value.  The first byte of the input is
 * the action, the second the exit status. */
#include "fuzz.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/base.h"
#include "lib/base/utf8.h"
#include "lib/listener/hook_answer.h"
#include "lib/text/json.h"

static const struct json *parse(struct arena *arena, const char *text)
{
	const char *why;

	return json_parse(arena, text, strlen(text), &why);
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

static void assert_texts(const struct json *texts)
{
	assert(json_is_object(texts));
	for (texts = json_first(texts); texts; texts = json_next(texts))
		assert(utf8_is_valid(json_text(texts)));
}

static void assert_line(const char *text)
{
	if (text)
		assert(*text && utf8_is_valid(text) && is_printable(text));
}

/* A target is a path on this host or an https URL. */
static void assert_target(const char *text)
{
	const char *start = text && *text == '/' ? "/" : "https://";

	assert_line(text);
	if (text)
		assert(strncmp(text, start, strlen(start)) == 0
		       && strncmp(text, "//", strlen("//")) != 0);
}

static void assert_handed_on(const struct addon *addon,
			     const struct listener_answer *result)
{
	const struct json *var;

	if (result->stored.config)
		assert_texts(result->stored.config);
	for (var = json_first(result->stored.config); var; var = json_next(var))
		assert(addon_declares(addon, json_name(var)));
	if (result->session)
		assert_texts(result->session);
	assert_line(result->message);
	assert_target(result->redirect);
	assert_line(result->log_drain_url);
	assert(result->retry_after >= 0 && result->retry_after <= 3600);
	assert(result->verdict != LISTENER_REFUSED || result->message);
}

static void assert_failed(const struct listener_answer *result)
{
	assert(utf8_is_valid(result->why) && strlen(result->why) <= 1024);
	assert(!result->stored.config && !result->session && !result->message);
	assert(!result->redirect && !result->log_drain_url);
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	static const int statuses[] = { 0, 65, 70, 75, 1 };
	const struct addon addon = {
		.home = "/addon",
		.manifest = "addon-manifest.json",
		.config_vars = parse(arena, "[\"DB_URL\",\"DB_TOKEN\"]"),
		.drains_logs = length > 0 && text[0] & 1,
		.drains_by_syslog = true,
	};
	struct listener_call call = { .addon = &addon };
	struct listener_answer result;
	int status;

	if (length < 2)
		return;
	status = statuses[(unsigned char)text[1] % COUNT(statuses)];
	call.action = (enum listener_action)((unsigned char)text[0] / 2
					     % LISTENER_ACTIONS);
	result = hook_answer_read(arena, &call, "/addon/hooks/x", status,
				  fuzz_bare(arena, text + 2, length - 2),
				  length - 2);
	if (result.why)
		assert_failed(&result);
	else
		assert_handed_on(&addon, &result);
	assert((result.why != NULL)
	       == (result.verdict == LISTENER_FAILED
		   || result.verdict == LISTENER_FAILED_FOR_GOOD));
	assert(result.verdict != LISTENER_DONE || status == 0);
}
