#include "files.h"
#include "parse.h"

#include "lib/addon/addon.h"
#include "lib/listener/listener.h"
#include "lib/listener/template.h"

/* Open the template of a home that consists of it. */
static struct template *open_for(struct addon *addon, const char *template)
{
	files_write("home/template.json", template);
	addon->arena = arena;
	addon->home = files_path("home");
	addon->manifest = "addon-manifest.json";
	return template_read(addon, &findings);
}

static struct addon two_vars(void)
{
	return (struct addon){
		.config_vars = parse("[\"TEXT\",\"DB_URL\"]"),
		.drains_by_syslog = true,
	};
}

static struct template *open_well(const char *template)
{
	struct addon addon = two_vars();
	struct template *opened = open_for(&addon, template);

	if (!opened)
		fail_msg("%s", unit_findings());
	return opened;
}

/* ---- rendering ---- */

static const struct resource sample = {
	.id = "76543210-89ab-cdef-0123-456789abcdef",
	.provider_id = "01234567-89ab-cdef-0123-456789abcdef",
	.region = "amazon-web-services::us-east-1",
	.name = "acme inc/\xc3\xbc",
	.callback_url = "https://api.example/1",
	.log_drain_token = "d.1",
};

static const char sample_options[] = "{\"size\":\"1 GB\",\"odd\":\"${plan}$\","
				     "\"safe\":\"aZ09-._~\","
				     "\"marks\":\"!*'();:@&=+$,/?%#[]\\\"\"}";

static struct listener_answer
ask_with_options(struct template *template, const struct resource *resource,
		 const char *options, enum listener_action action,
		 const char *plan, const struct json *secrets)
{
	const struct addon addon = {
		.listener = ADDON_TEMPLATE,
		.template = template,
	};
	const struct listener_call call = {
		.addon = &addon,
		.resource = resource,
		.action = action,
		.plan = plan,
		.stored = { .secrets = secrets },
		.options = parse(options),
	};

	return listener_ask_opened(arena, &call);
}

static struct listener_answer ask(struct template *template,
				  const struct resource *resource,
				  enum listener_action action, const char *plan,
				  const struct json *secrets)
{
	return ask_with_options(template, resource, sample_options, action,
				plan, secrets);
}

static struct listener_answer provision(struct template *template)
{
	return ask(template, &sample, LISTENER_PROVISION, "basic", NULL);
}

static struct render_row {
	const char *name;
	const char *source; /* as JSON */
	const char *text;   /* the result */
	const char *url;    /* the result after "https://h/" in a URL */
} renders[] = {
	{ "a text without references is unchanged", "plain", "plain", "plain" },
	{ "an empty text is unchanged", "", "", "" },
	{ "the id is inserted", "${id}", "01234567-89ab-cdef-0123-456789abcdef",
	  "01234567-89ab-cdef-0123-456789abcdef" },
	{ "our id is inserted", "${uuid}",
	  "76543210-89ab-cdef-0123-456789abcdef",
	  "76543210-89ab-cdef-0123-456789abcdef" },
	{ "the plan is inserted", "${plan}", "basic", "basic" },
	{ "the region is inserted", "${region}",
	  "amazon-web-services::us-east-1",
	  "amazon-web-services%3A%3Aus-east-1" },
	{ "the name is inserted", "${name}", "acme inc/\xc3\xbc",
	  "acme%20inc%2F%C3%BC" },
	{ "the callback URL is inserted", "${callback_url}",
	  "https://api.example/1", "https%3A%2F%2Fapi.example%2F1" },
	{ "the token of the log drain is inserted", "${log_drain_token}", "d.1",
	  "d.1" },
	{ "outside a plan change the old plan is empty", "[${old_plan}]", "[]",
	  "[]" },
	{ "an option is inserted", "${option.size}", "1 GB", "1%20GB" },
	{ "an absent option is empty", "[${option.none}]", "[]", "[]" },
	{ "options are case-sensitive", "[${option.Size}]", "[]", "[]" },
	{ "several references are inserted", "${plan}/${option.size}-${plan}",
	  "basic/1 GB-basic", "basic/1%20GB-basic" },
	{ "references may be adjacent", "${plan}${plan}", "basicbasic",
	  "basicbasic" },
	{ "the surrounding text is unchanged", "a ${plan} b%20", "a basic b%20",
	  "a basic b%20" },
	{ "an inserted value is not read as a template", "${option.odd}",
	  "${plan}$", "%24%7Bplan%7D%24" },
	{ "unreserved characters are not encoded", "${option.safe}", "aZ09-._~",
	  "aZ09-._~" },
	{ "all other characters are encoded", "${option.marks}",
	  "!*'();:@&=+$,/?%#[]\"",
	  "%21%2A%27%28%29%3B%3A%40%26%3D%2B%24%2C%2F%3F%25%23%5B%5D%22" },
	{ "a dollar sign is itself", "$5 $ $$", "$5 $ $$", "$5 $ $$" },
	{ "a brace is itself", "{plan} }", "{plan} }", "{plan} }" },
	{ "a dollar sign before a reference stays", "$${plan}", "$basic",
	  "$basic" },
};

static void reference_is_rendered(void **state)
{
	const struct render_row *row = *state;
	bool has_blank = strchr(row->source, ' '); /* a log drain has none */
	struct template *template = open_well(arena_printf(
		arena,
		"{\"config\":{\"TEXT\":\"%s\",\"DB_URL\":\"https://h/%s\"},"
		"\"message\":\"%s\",\"plan_message\":\"%s\","
		"\"log_drain_url\":\"https://h/%s\"}",
		row->source, row->source, row->source, row->source,
		has_blank ? "${plan}" : row->source));
	struct listener_answer answer = provision(template);
	const char *url = arena_printf(arena, "https://h/%s", row->url);

	assert_text(json_text(json_member(answer.stored.config, "TEXT")),
		    row->text);
	assert_text(json_text(json_member(answer.stored.config, "DB_URL")),
		    url);
	assert_int_equal(json_count(answer.stored.config), 2);
	assert_text(answer.message, row->text);
	assert_text(answer.log_drain_url, has_blank ? "https://h/basic" : url);
	answer = ask(template, &sample, LISTENER_CHANGE_PLAN, "basic", NULL);
	assert_text(answer.message, row->text);
}

static void what_is_absent_is_empty(void)
{
	const struct resource none = { .provider_id = NULL };
	struct listener_answer result = ask(
		open_well("{\"config\":{\"TEXT\":"
			  "\"[${id}${plan}${region}${name}${option.a}]\"}}"),
		&none, LISTENER_PROVISION, NULL, NULL);

	assert_string_equal(json_print(arena, result.stored.config),
			    "{\"TEXT\":\"[]\"}");
}

static void what_the_template_lacks_is_null(void)
{
	struct template *empty = open_well("{}");
	struct listener_answer result = provision(empty);

	assert_string_equal(json_print(arena, result.stored.config), "{}");
	assert_null(result.message);
	assert_null(ask(empty, &sample, LISTENER_CHANGE_PLAN, "basic", NULL)
			    .message);
	assert_null(result.log_drain_url);
}

static void the_config_keeps_the_order_of_the_file(void)
{
	struct listener_answer result = provision(open_well(
		"{\"config\":{\"TEXT\":\"1\",\"DB_URL\":\"x://h\"}}"));

	assert_string_equal(json_print(arena, result.stored.config),
			    "{\"TEXT\":\"1\",\"DB_URL\":\"x://h\"}");
}

/* ---- secrets ---- */

static struct listener_answer change_plan(const char *template,
					  const char *secrets)
{
	return ask(open_well(template), &sample, LISTENER_CHANGE_PLAN, "basic",
		   secrets ? parse(secrets) : NULL);
}

static const char *text_of(const struct json *object, const char *name)
{
	return json_text(json_member(object, name));
}

static void a_secret_is_24_random_bytes(void)
{
	struct listener_answer result = change_plan(
		"{\"config\":{\"TEXT\":\"${secret:password}\"}}", NULL);
	const char *secret = text_of(result.stored.config, "TEXT");

	assert_int_equal(strlen(secret), 32);
	assert_int_equal(strspn(secret,
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz"
				"0123456789-_"),
			 32);
	assert_text(text_of(result.stored.secrets, "password"), secret);
	assert_int_equal(json_count(result.stored.secrets), 1);
}

static void a_secret_is_made_once(void)
{
	struct listener_answer result =
		change_plan("{\"config\":{\"TEXT\":\"${secret:a}:${secret:a}\","
			    "\"DB_URL\":\"https://h/${secret:a}\"},"
			    "\"log_drain_url\":\"https://${secret:a}@h\"}",
			    NULL);
	const char *secret = text_of(result.stored.secrets, "a");

	assert_text(text_of(result.stored.config, "TEXT"),
		    arena_printf(arena, "%s:%s", secret, secret));
	assert_text(text_of(result.stored.config, "DB_URL"),
		    arena_printf(arena, "https://h/%s", secret));
	assert_text(result.log_drain_url,
		    arena_printf(arena, "https://%s@h", secret));
}

static void two_names_are_two_secrets(void)
{
	struct listener_answer result = change_plan(
		"{\"config\":{\"TEXT\":\"${secret:a} ${secret:b}\"}}", NULL);

	assert_int_equal(json_count(result.stored.secrets), 2);
	assert_string_not_equal(text_of(result.stored.secrets, "a"),
				text_of(result.stored.secrets, "b"));
}

static bool can_rotate(const char *template)
{
	const struct addon addon = {
		.home = files_path("home"),
		.manifest = "addon-manifest.json",
		.listener = ADDON_TEMPLATE,
		.template = open_well(template),
	};
	const char *remedy;

	return listener_can_rotate(&addon, arena, &remedy);
}

static void a_template_with_secrets_can_be_rotated(void)
{
	assert_true(can_rotate("{\"config\":{\"TEXT\":\"${id}\","
			       "\"DB_URL\":\"https://h/${secret:a}\"}}"));
	assert_false(
		can_rotate("{\"config\":{\"TEXT\":\"${option.secret}\"}}"));
	assert_false(can_rotate("{\"config\":{}}"));
}

static void two_resources_have_two_secrets(void)
{
	struct template *template =
		open_well("{\"config\":{\"TEXT\":\"${secret:a}\"}}");
	struct listener_answer one = provision(template);
	struct listener_answer two = provision(template);

	assert_string_not_equal(text_of(one.stored.config, "TEXT"),
				text_of(two.stored.config, "TEXT"));
}

static void a_plan_change_keeps_the_secrets(void)
{
	struct template *template =
		open_well("{\"config\":{\"TEXT\":\"${plan} ${secret:a}\"}}");
	struct listener_answer before = provision(template);
	struct listener_answer after;

	after = ask(template, &sample, LISTENER_CHANGE_PLAN, "premium",
		    before.stored.secrets);
	assert_text(text_of(after.stored.config, "TEXT"),
		    arena_printf(arena, "premium %s",
				 text_of(before.stored.secrets, "a")));
	assert_string_equal(json_print(arena, after.stored.secrets),
			    json_print(arena, before.stored.secrets));
}

static void stored_secrets_are_encoded_in_urls(void)
{
	struct listener_answer result = change_plan(
		"{\"config\":{\"DB_URL\":\"https://u:${secret:a}@h\"}}",
		"{\"a\":\"p/w d\"}");

	assert_text(text_of(result.stored.config, "DB_URL"),
		    "https://u:p%2Fw%20d@h");
	assert_text(text_of(result.stored.secrets, "a"), "p/w d");
}

static void unused_secrets_are_kept(void)
{
	struct listener_answer result =
		change_plan("{\"config\":{\"TEXT\":\"${secret:new}\"}}",
			    "{\"old\":\"kept\"}");

	assert_text(text_of(result.stored.secrets, "old"), "kept");
	assert_int_equal(json_count(result.stored.secrets), 2);
}

static void the_stored_secrets_are_not_changed(void)
{
	const struct json *before = parse("{\"old\":\"kept\"}");
	struct listener_answer after =
		ask(open_well("{\"config\":{\"TEXT\":\"${secret:new}\"}}"),
		    &sample, LISTENER_CHANGE_PLAN, "basic", before);

	assert_non_null(after.stored.config);
	assert_string_equal(json_print(arena, before), "{\"old\":\"kept\"}");
}

static void no_secrets_are_an_empty_object(void)
{
	struct listener_answer result =
		change_plan("{\"message\":\"hello\"}", NULL);

	assert_string_equal(json_print(arena, result.stored.secrets), "{}");
}

/* ---- ids ---- */

#define OWN_ID "db-76543210-89ab-cdef-0123-456789abcdef"

static void a_new_resource_gets_the_id_of_the_template(void)
{
	struct listener_answer result = provision(open_well(
		"{\"id\":\"db-${uuid}\",\"config\":{\"TEXT\":\"${id}\"}}"));

	assert_text(result.id, OWN_ID);
	assert_text(text_of(result.stored.config, "TEXT"), OWN_ID);
}

static void a_plan_change_leaves_the_id(void)
{
	struct listener_answer result = change_plan(
		"{\"id\":\"db-${uuid}\",\"config\":{\"TEXT\":\"${id}\"}}",
		NULL);

	assert_null(result.id);
	assert_text(text_of(result.stored.config, "TEXT"), sample.provider_id);
}

static void a_name_that_makes_an_id_too_long_is_refused(void)
{
	const struct resource resource = {
		.id = sample.id,
		.provider_id = sample.provider_id,
		.name = unit_repeat("n", 255),
	};

	assert_int_equal(ask(open_well("{\"id\":\"${uuid}${name}\"}"),
			     &resource, LISTENER_PROVISION, "basic", NULL)
				 .verdict,
			 LISTENER_REFUSED);
}

/* ---- what cannot be used ---- */

static struct bad_row {
	const char *name;
	const char *template;
	const char *field, *remedy;
} bads[] = {
	{ "an empty file is not JSON", "", "not valid JSON", "line 1" },
	{ "a faulty file names the line", "{\n\"message\" \"x\"}",
	  "not valid JSON", "line 2" },
	{ "an array is not a template", "[]", "JSON object", "" },
	{ "an unknown member is an error", "{\"massage\":\"x\"}", "massage",
	  "spelling" },
	{ "config must be an object", "{\"config\":[]}", "config", "object" },
	{ "an id has our id in it", "{\"id\":\"db-${name}\"}", "id",
	  "${uuid}" },
	{ "an id does not refer to itself", "{\"id\":\"${id}-${uuid}\"}", "id",
	  "neither ${id}" },
	{ "an id is not secret", "{\"id\":\"${uuid}${secret:x}\"}", "id",
	  "nor ${secret:NAME}" },
	{ "an id is a string", "{\"id\":1}", "id", "string" },
	{ "an id has no line break", "{\"id\":\"${uuid}\\n\"}", "id",
	  "control characters" },
	{ "regions must be an object", "{\"regions\":[]}", "regions",
	  "object" },
	{ "there must be a region", "{\"regions\":{}}", "regions", "object" },
	{ "a region must be an object", "{\"regions\":{\"eu\":\"h\"}}",
	  "regions", "object" },
	{ "a value of a region must be a string",
	  "{\"regions\":{\"eu\":{\"host\":1}}}", "regions", "strings" },
	{ "a value of a region needs regions",
	  "{\"message\":\"${region.host}\"}", "message", "add it there" },
	{ "every region must have the value",
	  "{\"regions\":{\"eu\":{\"host\":\"a\"},\"us\":{}},"
	  "\"message\":\"${region.host}\"}",
	  "message", "add it there" },
	{ "a config var must be a string", "{\"config\":{\"TEXT\":7}}",
	  "config.TEXT", "string" },
	{ "null is not a config var", "{\"config\":{\"TEXT\":null}}",
	  "config.TEXT", "string" },
	{ "a message must be a string", "{\"message\":7}", ": message ",
	  "string" },
	{ "a plan message must be a string", "{\"plan_message\":[]}",
	  "plan_message", "string" },
	{ "a log drain must be a string", "{\"log_drain_url\":7}",
	  "log_drain_url", "string" },
	{ "a config var must be declared", "{\"config\":{\"OTHER\":\"x\"}}",
	  "config.OTHER", "config_vars" },
	{ "case matters in a config var", "{\"config\":{\"Text\":\"x\"}}",
	  "config.Text", "config_vars" },

	{ "a URL that begins with a typo is an error",
	  "{\"config\":{\"DB_URL\":\"${typo}\"}}", "config.DB_URL", "${typo}" },
	{ "an unknown reference is an error", "{\"message\":\"${uid}\"}",
	  "message", "${uid}" },
	{ "an unknown reference is an error in a config var",
	  "{\"config\":{\"TEXT\":\"${uid}\"}}", "config.TEXT", "${uid}" },
	{ "an unknown reference is an error in a plan message",
	  "{\"plan_message\":\"${uid}\"}", "plan_message", "${uid}" },
	{ "an unknown reference is an error in a log drain",
	  "{\"log_drain_url\":\"https://${uid}\"}", "log_drain_url", "${uid}" },
	{ "an unknown reference is an error behind a good one",
	  "{\"message\":\"${id} ${uid}\"}", "message", "${uid}" },
	{ "a reference in capitals is unknown", "{\"message\":\"${ID}\"}",
	  "message", "${ID}" },
	{ "a reference with a blank is unknown", "{\"message\":\"${ id}\"}",
	  "message", "${ id}" },
	{ "an empty reference is unknown", "{\"message\":\"${}\"}", "message",
	  "${}" },
	{ "a longer reference is unknown", "{\"message\":\"${ids}\"}",
	  "message", "${ids}" },
	{ "an option needs a name", "{\"message\":\"${option.}\"}", "message",
	  "${option.}" },
	{ "an option has a point", "{\"message\":\"${option:size}\"}",
	  "message", "${option:size}" },
	{ "a secret needs a name", "{\"config\":{\"TEXT\":\"${secret:}\"}}",
	  "config.TEXT", "${secret:}" },
	{ "a message may not hold a secret", "{\"message\":\"${secret:a}\"}",
	  "message", "config" },
	{ "a plan message may not hold a secret",
	  "{\"plan_message\":\"x ${secret:a} y\"}", "plan_message", "config" },
	{ "a URL needs a host", "{\"config\":{\"DB_URL\":\"https://\"}}",
	  "config.DB_URL", "_URL" },
	{ "a URL needs a host before its path",
	  "{\"config\":{\"DB_URL\":\"https:///${id}\"}}", "config.DB_URL",
	  "_URL" },
	{ "a secret has a colon", "{\"message\":\"${secret.a}\"}", "message",
	  "${secret.a}" },
	{ "a reference must end", "{\"message\":\"${id\"}", "message", "}" },
	{ "a reference must end before the text does", "{\"message\":\"a ${\"}",
	  "message", "}" },

	{ "a URL begins with a scheme",
	  "{\"config\":{\"DB_URL\":\"h.example/x\"}}", "config.DB_URL",
	  "scheme" },
	{ "a URL's scheme is not put in",
	  "{\"config\":{\"DB_URL\":\"${option.scheme}://h\"}}", "config.DB_URL",
	  "scheme" },
	{ "a URL is not empty", "{\"config\":{\"DB_URL\":\"\"}}",
	  "config.DB_URL", "scheme" },
	{ "a log drain begins with https or syslog",
	  "{\"log_drain_url\":\"http://h\"}", "log_drain_url", "syslog://" },
	{ "a log drain is a URL", "{\"log_drain_url\":\"h:514\"}",
	  "log_drain_url", "https://" },
	{ "a log drain has no blank",
	  "{\"log_drain_url\":\"https://h/${plan} a\"}", "log_drain_url",
	  "percent-encode" },
	{ "a log drain has a host", "{\"log_drain_url\":\"https://:5/a\"}",
	  "log_drain_url", "host" },
};

static void template_is_bad(void **state)
{
	const struct bad_row *row = *state;
	struct addon addon = two_vars();

	assert_null(open_for(&addon, row->template));
	if (findings.errors != 1)
		fail_msg("%d errors: %s", findings.errors, unit_findings());
	assert_contains(unit_findings(), "home/template.json: ");
	assert_contains(unit_findings(), row->field);
	assert_contains(unit_findings(), row->remedy);
}

static void assert_too_long(const char *template, const char *problem)
{
	struct addon addon = two_vars();

	assert_null(open_for(&addon, template));
	assert_int_equal(findings.errors, 1);
	assert_contains(unit_findings(), problem);
}

static void a_long_config_var_is_an_error(void)
{
	(void)open_well(arena_printf(arena, "{\"config\":{\"TEXT\":\"%s\"}}",
				     unit_repeat("a", 32 * 1024)));
	assert_too_long(arena_printf(arena, "{\"config\":{\"TEXT\":\"a%s\"}}",
				     unit_repeat("a", 32 * 1024)),
			"config.TEXT must be at most 32 KiB");
}

static void a_long_config_is_an_error(void)
{
	assert_too_long(arena_printf(arena,
				     "{\"config\":{\"TEXT\":\"%s\","
				     "\"DB_URL\":\"https://%s\"}}",
				     unit_repeat("${plan}", 8 * 1024),
				     unit_repeat("${plan}", 2 * 1024)),
			"config must be at most 64 KiB of JSON");
}

static void a_long_message_is_an_error(void)
{
	assert_too_long(arena_printf(arena, "{\"message\":\"%s\"}",
				     unit_repeat("a", 1025)),
			"message must be a sentence of at most 1 KiB");
}

static void a_message_of_two_lines_is_an_error(void)
{
	assert_too_long("{\"plan_message\":\"two\\nlines\"}",
			"plan_message must be a sentence");
}

static void options_that_make_a_value_too_long_are_refused(void)
{
	struct listener_answer answer =
		ask_with_options(open_well("{\"config\":{\"TEXT\":"
					   "\"${option.a}${option.a}.\"}}"),
				 &sample,
				 arena_printf(arena, "{\"a\":\"%s\"}",
					      unit_repeat("x", 16 * 1024)),
				 LISTENER_PROVISION, "basic", NULL);

	assert_int_equal(answer.verdict, LISTENER_REFUSED);
	assert_contains(answer.message, "too long");
}

static struct listener_answer
ask_with_long_option(const char *template, const char *part, size_t count)
{
	return ask_with_options(
		open_well(template), &sample,
		arena_printf(arena, "{\"a\":\"%s\"}", unit_repeat(part, count)),
		LISTENER_PROVISION, "basic", NULL);
}

/* In JSON, a quote has two bytes. */
static void options_that_make_the_config_too_large_are_refused(void)
{
	static const char template[] =
		"{\"config\":{\"TEXT\":\"${option.a}\"}}";
	struct listener_answer answer =
		ask_with_long_option(template, "\\\"", 31 * 1024);

	assert_int_equal(answer.verdict, LISTENER_DONE);
	answer = ask_with_long_option(template, "\\\"", 32 * 1024);
	assert_int_equal(answer.verdict, LISTENER_REFUSED);
	assert_contains(answer.message, "too long");
}

static void options_that_make_a_message_unfit_are_refused(void)
{
	static const char template[] = "{\"message\":\"${option.a}\"}";
	struct listener_answer answer =
		ask_with_long_option(template, "x", 1024);

	assert_int_equal(answer.verdict, LISTENER_DONE);
	answer = ask_with_long_option(template, "x", 1025);
	assert_int_equal(answer.verdict, LISTENER_REFUSED);
	assert_contains(answer.message, "message");
}

/* Only then are they opened. */
static void a_template_that_uses_options_is_known(void)
{
	assert_false(
		open_well("{\"config\":{\"TEXT\":\"${plan}\"}}")->uses_options);
	assert_true(open_well("{\"config\":{\"TEXT\":\"a ${option.a}\"}}")
			    ->uses_options);
	assert_true(open_well("{\"id\":\"${uuid}${option.a}\"}")->uses_options);
	assert_true(open_well("{\"message\":\"${option.a}\"}")->uses_options);
	assert_true(
		open_well("{\"plan_message\":\"${option.a}\"}")->uses_options);
	assert_true(open_well("{\"log_drain_url\":"
			      "\"syslog://h.example/${option.a}\"}")
			    ->uses_options);
}

static void a_missing_file_is_an_error(void)
{
	struct addon addon = two_vars();

	addon.arena = arena;
	addon.home = files_path("nowhere");
	assert_null(template_read(&addon, &findings));
	assert_int_equal(findings.errors, 1);
	assert_contains(unit_findings(), "nowhere/template.json");
}

static void without_config_vars_none_is_declared(void)
{
	struct addon addon = { 0 };

	assert_null(open_for(&addon, "{\"config\":{\"TEXT\":\"x\"}}"));
	assert_contains(unit_findings(), "config.TEXT");
	assert_contains(unit_findings(), "not in config_vars");
}

static void all_errors_are_reported_at_once(void)
{
	struct addon addon = two_vars();

	assert_null(open_for(&addon, "{\"message\":\"${a} ${b}\",\"x\":1}"));
	assert_int_equal(findings.errors, 3);
}

static void a_forgotten_config_var_is_a_warning(void)
{
	struct addon addon = two_vars();

	assert_non_null(open_for(&addon, "{\"config\":{\"TEXT\":\"x\"}}"));
	assert_int_equal(findings.errors, 0);
	assert_contains(unit_findings(), "warning: ");
	assert_contains(unit_findings(), "DB_URL");
	assert_lacks(unit_findings(), "config.TEXT");
}

/* ---- log drains ---- */

static struct drain_row {
	const char *name;
	bool drains_logs;
	const char *template;
	bool is_usable;
} drains[] = {
	{ "a drain that is required must be there", true, "{}", false },
	{ "a drain that is required is there", true,
	  "{\"log_drain_url\":\"https://h/${id}\"}", true },
	{ "a drain may be syslog", true,
	  "{\"log_drain_url\":\"syslog://h:514\"}", true },
	{ "a drain that is not required may be missing", false, "{}", true },
};

static void drain_is_as_expected(void **state)
{
	const struct drain_row *row = *state;
	struct addon addon = { .drains_logs = row->drains_logs,
			       .drains_by_syslog = row->drains_logs };

	assert_bool(open_for(&addon, row->template), row->is_usable);
	assert_int_equal(findings.errors, !row->is_usable);
	if (row->is_usable)
		return;
	assert_contains(unit_findings(), "log_drain_url");
	assert_contains(unit_findings(), "drains logs");
}

static struct unit_check checks[] = {
	{ "what is absent is empty", what_is_absent_is_empty },
	{ "what the template lacks is NULL", what_the_template_lacks_is_null },
	{ "the config keeps the order of the file",
	  the_config_keeps_the_order_of_the_file },
	{ "a secret is 24 random bytes", a_secret_is_24_random_bytes },
	{ "a secret is made once", a_secret_is_made_once },
	{ "two names are two secrets", two_names_are_two_secrets },
	{ "two resources have two secrets", two_resources_have_two_secrets },
	{ "a template with secrets can be rotated",
	  a_template_with_secrets_can_be_rotated },
	{ "a plan change keeps the secrets", a_plan_change_keeps_the_secrets },
	{ "stored secrets are encoded in URLs",
	  stored_secrets_are_encoded_in_urls },
	{ "unused secrets are kept", unused_secrets_are_kept },
	{ "the stored secrets are not changed",
	  the_stored_secrets_are_not_changed },
	{ "no secrets are an empty object", no_secrets_are_an_empty_object },
	{ "a new resource gets the id of the template",
	  a_new_resource_gets_the_id_of_the_template },
	{ "a plan change leaves the id", a_plan_change_leaves_the_id },
	{ "a name that makes an id too long is refused",
	  a_name_that_makes_an_id_too_long_is_refused },
	{ "a missing file is an error", a_missing_file_is_an_error },
	{ "a long config var is an error", a_long_config_var_is_an_error },
	{ "a long config is an error", a_long_config_is_an_error },
	{ "a long message is an error", a_long_message_is_an_error },
	{ "a message of two lines is an error",
	  a_message_of_two_lines_is_an_error },
	{ "a template that uses options is known",
	  a_template_that_uses_options_is_known },
	{ "options that make the config too large are refused",
	  options_that_make_the_config_too_large_are_refused },
	{ "options that make a message unfit are refused",
	  options_that_make_a_message_unfit_are_refused },
	{ "options that make a value too long are refused",
	  options_that_make_a_value_too_long_are_refused },
	{ "without config_vars none is declared",
	  without_config_vars_none_is_declared },
	{ "all errors are reported at once", all_errors_are_reported_at_once },
	{ "a forgotten config var is a warning",
	  a_forgotten_config_var_is_a_warning },
};

int main(void)
{
	UNIT_ROWS(renders, reference_is_rendered);
	UNIT_ROWS(bads, template_is_bad);
	UNIT_ROWS(drains, drain_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("template");
}
