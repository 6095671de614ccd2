#include "parse.h"

#include "lib/addon/addon.h"
#include "lib/dialect/dialect.h"
#include "lib/listener/hook_call.h"

static struct addon sample_addon(void)
{
	return (struct addon){
		.id = "fast-db",
		.dialect = dialect_find("heroku", "3"),
	};
}

static void a_document_has_every_known_value(void)
{
	const struct addon addon = sample_addon();
	const struct resource resource = {
		.id = "01234567-89ab-cdef-0123-456789abcdef",
		.provider_id = "theirs",
		.region = "eu",
		.name = "acme \"inc\"",
		.owner = "{\"email\":\"a@example.com\"}",
		.log_drain_token = "d.0123",
		.callback_url = "https://api.example",
		.state = RESOURCE_PROVISIONED,
	};
	const struct listener_call call = {
		.addon = &addon,
		.resource = &resource,
		.action = LISTENER_CHANGE_PLAN,
		.plan = "big",
		.old_plan = "small",
		.key = "k",
		.attempt = 3,
		.stored = { .config = parse("{\"DB_URL\":\"https://x\"}") },
		.options = parse("{\"size\":\"1 GB\"}"),
		.log_input_url = "https://log.example",
		.logplex_token = "t.0123",
	};

	assert_text(json_print(arena,
			       hook_call_write(arena, &call, 17, 1457028091)),
		    "{\"version\":1,\"action\":\"change-plan\",\"key\":\"k\","
		    "\"attempt\":3,\"seconds\":17,"
		    "\"deadline\":\"2016-03-03T18:01:31Z\",\"resource\":{"
		    "\"id\":\"theirs\","
		    "\"uuid\":\"01234567-89ab-cdef-0123-456789abcdef\","
		    "\"marketplace\":\"heroku\",\"addon\":\"fast-db\","
		    "\"plan\":\"big\",\"old_plan\":\"small\","
		    "\"region\":\"eu\",\"name\":\"acme \\\"inc\\\"\","
		    "\"options\":{\"size\":\"1 GB\"},"
		    "\"owner\":{\"email\":\"a@example.com\"},"
		    "\"config\":{\"DB_URL\":\"https://x\"},"
		    "\"log_input_url\":\"https://log.example\","
		    "\"logplex_token\":\"t.0123\","
		    "\"log_drain_token\":\"d.0123\","
		    "\"callback_url\":\"https://api.example\","
		    "\"state\":\"provisioned\"}}");
}

static void an_absent_value_is_left_out_or_empty(void)
{
	const struct addon addon = sample_addon();
	const struct resource resource = { .provider_id = "i" };
	const struct listener_call call = {
		.addon = &addon,
		.resource = &resource,
		.action = LISTENER_SIGN_ON,
		.user = parse("{\"email\":\"a@example.com\"}"),
		.key = "k",
		.attempt = 1,
	};

	assert_text(
		json_print(arena, hook_call_write(arena, &call, 0, 0)),
		"{\"version\":1,\"action\":\"sign-on\",\"key\":\"k\","
		"\"attempt\":1,\"seconds\":0,"
		"\"deadline\":\"1970-01-01T00:00:00Z\",\"resource\":{\"id\":\"i\","
		"\"marketplace\":\"heroku\",\"addon\":\"fast-db\","
		"\"options\":{},\"owner\":{},\"config\":{},"
		"\"state\":\"provisioning\"},"
		"\"user\":{\"email\":\"a@example.com\"},"
		"\"signed\":false,\"parameters\":{}}");
}

static void only_a_rotation_has_an_overlap(void)
{
	const struct addon addon = sample_addon();
	const struct resource resource = { .provider_id = "i" };
	const struct listener_call call = {
		.addon = &addon,
		.resource = &resource,
		.action = LISTENER_ROTATE,
		.overlap = 7200,
		.key = "k",
		.attempt = 1,
	};

	assert_text(
		json_print(arena, hook_call_write(arena, &call, 0, 0)),
		"{\"version\":1,\"action\":\"rotate\",\"key\":\"k\","
		"\"attempt\":1,\"seconds\":0,"
		"\"deadline\":\"1970-01-01T00:00:00Z\",\"resource\":{\"id\":\"i\","
		"\"marketplace\":\"heroku\",\"addon\":\"fast-db\","
		"\"options\":{},\"owner\":{},\"config\":{},"
		"\"state\":\"provisioning\"},"
		"\"overlap\":7200}");
}

static void a_call_with_a_token_has_the_platform(void)
{
	const struct addon addon = sample_addon();
	const struct resource resource = { .provider_id = "i" };
	const struct listener_call call = {
		.addon = &addon,
		.resource = &resource,
		.action = LISTENER_SUSPEND,
		.platform = { .url = "https://api.example",
			      .access_token = "HRKU-1",
			      .expires_at = 1457028091 },
		.key = "k",
		.attempt = 1,
	};

	assert_contains(json_print(arena, hook_call_write(arena, &call, 0, 0)),
			"\"state\":\"provisioning\"},"
			"\"platform\":{\"url\":\"https://api.example\","
			"\"access_token\":\"HRKU-1\","
			"\"expires_at\":\"2016-03-03T18:01:31Z\"}}");
}

static void a_restore_has_the_kept_resource(void)
{
	const struct addon addon = sample_addon();
	const struct resource resource = { .provider_id = "new" };
	const struct resource kept = { .provider_id = "old",
				       .marketplace = "heroku",
				       .addon = "fast-db",
				       .plan = "big",
				       .state = RESOURCE_KEPT };
	const struct listener_call call = {
		.addon = &addon,
		.resource = &resource,
		.from = &kept,
		.action = LISTENER_RESTORE,
		.plan = "small",
		.stored_from = { .config =
					 parse("{\"DB_URL\":\"https://x\"}") },
		.logplex_token = "t.0123",
		.key = "k",
		.attempt = 1,
	};

	assert_contains(
		json_print(arena, hook_call_write(arena, &call, 0, 0)),
		"\"from\":{\"id\":\"old\",\"marketplace\":\"heroku\","
		"\"addon\":\"fast-db\",\"plan\":\"big\","
		"\"options\":{},\"owner\":{},"
		"\"config\":{\"DB_URL\":\"https://x\"},\"state\":\"kept\"}}");
}

static void a_move_says_where_the_other_resource_comes_from(void)
{
	const struct addon addon = sample_addon();
	const struct resource resource = { .provider_id = "same" };
	const struct resource moved = { .provider_id = "same",
					.marketplace = "scalingo",
					.addon = "quick-db",
					.state = RESOURCE_MOVED };
	const struct listener_call call = {
		.addon = &addon,
		.resource = &resource,
		.from = &moved,
		.action = LISTENER_MOVE,
		.plan = "small",
	};
	const char *document =
		json_print(arena, hook_call_write(arena, &call, 0, 0));

	assert_contains(document, "\"action\":\"move\"");
	assert_contains(document,
			"\"resource\":{\"id\":\"same\","
			"\"marketplace\":\"heroku\",\"addon\":\"fast-db\"");
	assert_contains(document,
			"\"from\":{\"id\":\"same\","
			"\"marketplace\":\"scalingo\",\"addon\":\"quick-db\"");
}

static struct unit_check checks[] = {
	{ "a document has every known value",
	  a_document_has_every_known_value },
	{ "an absent value is left out or empty",
	  an_absent_value_is_left_out_or_empty },
	{ "only a rotation has an overlap", only_a_rotation_has_an_overlap },
	{ "a call with a token has the platform",
	  a_call_with_a_token_has_the_platform },
	{ "a restore has the kept resource", a_restore_has_the_kept_resource },
	{ "a move says where the other resource comes from",
	  a_move_says_where_the_other_resource_comes_from },
};

int main(void)
{
	UNIT_CHECKS(checks);
	return unit_run("hook_call");
}
