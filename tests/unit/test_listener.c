#include "keys.h"
#include "parse.h"

#include "lib/addon/addon.h"
#include "lib/base/log.h"
#include "lib/listener/listener.h"

#define ID "01234567-89ab-cdef-0123-456789abcdef"

static struct resource sealed_resource(const struct sealing_keys *keys)
{
	const struct resource_secrets stored = {
		.config = parse("{\"DB_URL\":\"https://old\"}"),
		.secrets = parse("{\"a\":\"s3cret\"}"),
	};

	struct resource resource = { .id = ID };

	resource.config = resource_secrets_seal(
		keys, arena, resource_identity(&resource), &stored);
	resource.log_drain_url = resource_secrets_seal_text(
		keys, arena, resource_identity(&resource),
		RESOURCE_SECRET_LOG_DRAIN, "https://drain");
	resource.options = resource_secrets_seal_text(
		keys, arena, resource_identity(&resource),
		RESOURCE_SECRET_OPTIONS, "{\"size\":\"1 GB\"}");
	return resource;
}

/* Ask an add-on without hooks about a sign-on: it has nothing to say. */
static struct listener_answer ask(const struct sealing_keys *keys,
				  const struct resource *resource)
{
	const struct addon addon = {
		.listener = ADDON_EXEC,
		.home = files_path("home"),
		.manifest = "addon-manifest.json",
	};
	const struct listener_call call = {
		.addon = &addon,
		.resource = resource,
		.action = LISTENER_SIGN_ON,
	};

	return listener_ask(keys, arena, &call);
}

static void each_action_is_found_by_its_name(void)
{
	enum listener_action action;

	for (int i = 0; i < LISTENER_ACTIONS; i++) {
		assert_true(listener_action_named(
			listener_action_name((enum listener_action)i),
			&action));
		assert_int_equal(action, i);
	}
	assert_false(listener_action_named("change_plan", &action));
	assert_false(listener_action_named("", &action));
}

static void values_that_an_answer_does_not_mention_stay(void)
{
	const struct sealing_keys *keys = keys_open("a:" KEYS_A "\n");
	const struct resource resource = sealed_resource(keys);
	struct listener_answer answer = ask(keys, &resource);

	assert_int_equal(answer.verdict, LISTENER_DONE);
	assert_text(json_print(arena, answer.stored.config),
		    "{\"DB_URL\":\"https://old\"}");
	assert_text(json_print(arena, answer.stored.secrets),
		    "{\"a\":\"s3cret\"}");
	assert_text(answer.log_drain_url, "https://drain");
}

/* Otherwise the answer would replace a value that a missing key hides. */
static void a_sealed_value_that_does_not_open_fails_the_call(void)
{
	const struct sealing_keys *keys = keys_open("a:" KEYS_A "\n");
	struct resource resource = sealed_resource(keys);

	assert_true(log_to("/dev/null"));
	resource.log_drain_url = resource.config;
	assert_int_equal(ask(keys, &resource).verdict, LISTENER_FAILED);
	resource = sealed_resource(keys);
	resource.config = resource.log_drain_url;
	assert_int_equal(ask(keys, &resource).verdict, LISTENER_FAILED);
	assert_contains(ask(keys, &resource).why, "keys file");
	resource = sealed_resource(keys);
	resource.options = resource.config;
	assert_int_equal(ask(keys, &resource).verdict, LISTENER_FAILED);
	assert_true(log_to("stderr"));
}

static void a_sealed_answer_opens_again(void)
{
	const struct sealing_keys *keys = keys_open("a:" KEYS_A "\n");
	const struct resource before = { .id = ID, .plan = "basic" };
	const struct listener_answer answer = {
		.stored = { .config = parse("{\"DB_URL\":\"https://new\"}") },
		.message = "It is ready.",
		.log_drain_url = "https://drain",
	};
	struct resource after = listener_seal(keys, arena, &before, &answer);

	assert_text(after.plan, "basic");
	assert_text(after.message, "It is ready.");
	assert_text(after.plan_message, "It is ready.");
	assert_text(json_print(arena, ask(keys, &after).stored.config),
		    "{\"DB_URL\":\"https://new\"}");
	assert_text(ask(keys, &after).log_drain_url, "https://drain");
	assert_lacks(after.config, "new");
}

static struct unit_check checks[] = {
	{ "each action is found by its name",
	  each_action_is_found_by_its_name },
	{ "values that an answer does not mention stay",
	  values_that_an_answer_does_not_mention_stay },
	{ "a sealed value that does not open fails the call",
	  a_sealed_value_that_does_not_open_fails_the_call },
	{ "a sealed answer opens again", a_sealed_answer_opens_again },
};

int main(void)
{
	UNIT_CHECKS(checks);
	return unit_run("listener");
}
