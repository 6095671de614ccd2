#include "homes.h"

#include "lib/text/json.h"

#define FILE_NAME "heroku/fast-db/settings.json"

static const struct addon *open_with(const char *settings)
{
	homes_clear();
	homes_add("heroku/fast-db", homes_v3);
	if (settings)
		homes_write("heroku/fast-db", "settings.json", settings);
	return homes_open_one();
}

static struct good_row {
	const char *name;
	const char *settings; /* NULL: no file */
} goods[] = {
	{ "settings.json is optional", NULL },
	{ "an empty object changes nothing", "{}" },
	{ "plans may be listed",
	  "{\"plans\":{\"basic\":{\"to\":[\"premium\"]},"
	  "\"premium\":{\"to\":[]},\"free\":{}}}" },
	{ "a plan may lead back to itself",
	  "{\"plans\":{\"basic\":{\"to\":[\"basic\"]}}}" },
	{ "a dashboard is a URL",
	  "{\"dashboard\":\"https://fast-db.example/dashboard/${id}\"}" },
	{ "also_valid may be empty", "{\"also_valid\":{}}" },
	{ "also_valid lists may be empty",
	  "{\"also_valid\":{\"passwords\":[],\"salts\":[]}}" },
	{ "provision may be async", "{\"provision\":\"async\"}" },
	{ "there may be a pending message",
	  "{\"pending_message\":\"It takes a minute.\"}" },
	{ "a session is a duration", "{\"session\":\"8h\"}" },
	{ "a session may be a month", "{\"session\":\"30d\"}" },
	{ "the replay guard may be on", "{\"replay_guard\":true}" },
	{ "the replay guard may be off", "{\"replay_guard\":false}" },
	{ "a signed user may be required", "{\"require_user\":true}" },
	{ "a signed user need not be required", "{\"require_user\":false}" },
	{ "an old sign-on need not be accepted", "{\"legacy_sign_on\":false}" },
	{ "hooks need not get tokens", "{\"platform\":false}" },
};

static void settings_are_good(void **state)
{
	const struct good_row *row = *state;

	assert_true(open_with(row->settings)->is_valid);
	assert_string_equal(unit_findings(), "");
}

/* ---- what browsers get ---- */

static struct browser_row {
	const char *name;
	const char *settings;
	const char *dashboard;
	int64_t session; /* ms */
	bool guards_replay;
} browsers[] = {
	{ "without settings a session is 8 h, and ours is the page", NULL, NULL,
	  28800000, false },
	{ "a dashboard may have the id",
	  "{\"dashboard\":\"https://x.example/${id}/?${id}\"}",
	  "https://x.example/${id}/?${id}", 28800000, false },
	{ "a dashboard may be a path of this host",
	  "{\"dashboard\":\"/my/dashboard?do=${action}\"}",
	  "/my/dashboard?do=${action}", 28800000, false },
	{ "a dashboard may have no id",
	  "{\"dashboard\":\"https://x.example/\"}", "https://x.example/",
	  28800000, false },
	{ "a session may be short", "{\"session\":\"2min\"}", NULL, 120000,
	  false },
	{ "the guard is on where it is on", "{\"replay_guard\":true}", NULL,
	  28800000, true },
	{ "the guard is off where it is off", "{\"replay_guard\":false}", NULL,
	  28800000, false },
};

static void browser_gets_what_is_expected(void **state)
{
	const struct browser_row *row = *state;
	const struct addon *addon = open_with(row->settings);

	assert_string_equal(unit_findings(), "");
	assert_text(addon->dashboard, row->dashboard);
	assert_int_equal(addon->session, row->session);
	assert_bool(addon->guards_replay, row->guards_replay);
}

static struct bad_row {
	const char *name;
	const char *settings;
	const char *field, *remedy;
} bads[] = {
	{ "an empty file is not JSON", "", "not valid JSON", "line 1" },
	{ "a faulty file names the line", "{\n\"plans\" {}}", "not valid JSON",
	  "line 2" },
	{ "an array is not an object of settings", "[]", "JSON object", "" },
	{ "a duplicate setting is a fault",
	  "{\"session\":\"8h\",\"session\":\"9h\"}", "two members", "" },
	{ "a dashboard fills in the id alone",
	  "{\"dashboard\":\"https://x/${name}\"}", "dashboard", "${id}" },
	{ "a dashboard ends no header",
	  "{\"dashboard\":\"https://x/\\r\\nSet-Cookie: a\"}", "dashboard",
	  "URL" },
	{ "a dashboard has no blank", "{\"dashboard\":\"https://x/ y\"}",
	  "dashboard", "URL" },
	{ "an unknown setting is an error", "{\"dashbord\":\"https://x\"}",
	  "dashbord", "spelling" },
	{ "a setting in capitals is unknown", "{\"Plans\":{}}", "Plans",
	  "spelling" },

	{ "plans must be an object", "{\"plans\":[\"basic\"]}", ": plans ",
	  "object" },
	{ "plans must not be empty", "{\"plans\":{}}", ": plans ",
	  "member per plan" },
	{ "plans must not be null", "{\"plans\":null}", ": plans ", "object" },
	{ "a plan must be an object", "{\"plans\":{\"basic\":true}}",
	  "plans.basic", "{\"to\":" },
	{ "a plan has no unknown member",
	  "{\"plans\":{\"basic\":{\"too\":[]}}}", "plans.basic.too",
	  "spelling" },
	{ "a plan's targets must be an array",
	  "{\"plans\":{\"basic\":{\"to\":\"basic\"}}}", "plans.basic",
	  "{\"to\":" },
	{ "a plan's target must be a string",
	  "{\"plans\":{\"basic\":{\"to\":[7]}}}", "plans.basic.to", "listed" },
	{ "a plan's target must be listed",
	  "{\"plans\":{\"basic\":{\"to\":[\"premium\"]}}}", "plans.basic.to",
	  "listed" },
	{ "a plan's target is spelled as it is listed",
	  "{\"plans\":{\"basic\":{\"to\":[\"Premium\"]},\"premium\":{}}}",
	  "plans.basic.to", "listed" },

	{ "also_valid must be an object", "{\"also_valid\":[]}", "also_valid",
	  "object" },
	{ "also_valid has no unknown member",
	  "{\"also_valid\":{\"password\":[]}}", "also_valid.password",
	  "spelling" },
	{ "passwords must be an array",
	  "{\"also_valid\":{\"passwords\":\"0123456789abcdef\"}}",
	  "also_valid.passwords", "array" },
	{ "passwords must be strings",
	  "{\"also_valid\":{\"passwords\":[123456789]}}",
	  "also_valid.passwords", "strings" },
	{ "salts must be an array",
	  "{\"also_valid\":{\"salts\":\"0123456789abcdef\"}}",
	  "also_valid.salts", "array" },
	{ "salts must be strings", "{\"also_valid\":{\"salts\":[{}]}}",
	  "also_valid.salts", "strings" },
	{ "a published sample is not a password",
	  "{\"also_valid\":{\"passwords\":[\"super-secret\"]}}",
	  "also_valid.passwords", "random string" },
	{ "a short password is refused",
	  "{\"also_valid\":{\"passwords\":[\"1234567\"]}}",
	  "also_valid.passwords", "random string" },
	{ "an empty salt is refused", "{\"also_valid\":{\"salts\":[\"\"]}}",
	  "also_valid.salts", "random string" },
	{ "a published sample is not a salt",
	  "{\"also_valid\":{\"salts\":[\"zPzckKkGf3XiJaD0\"]}}",
	  "also_valid.salts", "random string" },

	{ "a dashboard must be a string", "{\"dashboard\":true}", "dashboard",
	  "URL" },
	{ "a dashboard must be encrypted", "{\"dashboard\":\"http://x\"}",
	  "dashboard", "https://" },
	{ "a dashboard must be a URL or an absolute path",
	  "{\"dashboard\":\"dashboard\"}", "dashboard", "https://" },
	{ "a client secret's file must be a string",
	  "{\"client_secret_file\":7}", "client_secret_file", "path" },
	{ "a client secret's file has an absolute path",
	  "{\"client_secret_file\":\"secret\"}", "client_secret_file",
	  "absolute" },
	{ "a pending message is one line", "{\"pending_message\":\"a\\nb\"}",
	  "pending_message", "without line breaks" },
	{ "a pending message is not empty", "{\"pending_message\":\"\"}",
	  "pending_message", "sentence" },
	{ "provision must be async, or not be there",
	  "{\"provision\":\"sync\"}", "provision", "async" },
	{ "provision must be a string", "{\"provision\":true}", "provision",
	  "async" },
	{ "a session needs a unit", "{\"session\":\"8\"}", "session", "8h" },
	{ "a session must be a string", "{\"session\":8}", "session", "8h" },
	{ "a session must last", "{\"session\":\"0h\"}", "session", "8h" },
	{ "a session must not be longer than its event",
	  "{\"session\":\"31d\"}", "session", "30d" },
	{ "the replay guard is on or off", "{\"replay_guard\":\"on\"}",
	  "replay_guard", "true or false" },
	{ "platform must be a boolean", "{\"platform\":\"yes\"}", "platform",
	  "true or false" },
	{ "a token needs the client secret", "{\"platform\":true}", "platform",
	  "client_secret_file" },
	{ "a frame's origin is a string", "{\"framed_by\":true}", "framed_by",
	  "an origin such as" },
	{ "a frame's origin is not null", "{\"framed_by\":null}", "framed_by",
	  "an origin such as" },
	{ "a frame's origin is not empty", "{\"framed_by\":\"\"}", "framed_by",
	  "an origin such as" },
	{ "a frame's origin is encrypted",
	  "{\"framed_by\":\"http://x.example\"}", "framed_by",
	  "https://console" },
	{ "a frame's origin has no path",
	  "{\"framed_by\":\"https://x.example/a\"}", "framed_by",
	  "without a path" },
	{ "a frame's origin has no query",
	  "{\"framed_by\":\"https://x.example?a\"}", "framed_by",
	  "an origin such as" },
	{ "a frame's origin has no user",
	  "{\"framed_by\":\"https://a:b@x.example\"}", "framed_by",
	  "an origin such as" },
	{ "a frame's origin is not a pattern",
	  "{\"framed_by\":\"https://*.example\"}", "framed_by",
	  "an origin such as" },
	{ "a frame's origin ends no directive",
	  "{\"framed_by\":\"https://x;script-src\"}", "framed_by",
	  "an origin such as" },
	{ "a frame's origin ends no policy", "{\"framed_by\":\"https://x,y\"}",
	  "framed_by", "an origin such as" },
	{ "a frame's origin is one",
	  "{\"framed_by\":\"https://x.example https://y.example\"}",
	  "framed_by", "an origin such as" },
	{ "every origin of frames is one",
	  "{\"framed_by\":[\"https://x.example\",7,\"https://y.example\"]}",
	  "framed_by", "an origin such as" },
	{ "there are at most 8 origins of frames",
	  "{\"framed_by\":[\"https://a\",\"https://b\",\"https://c\","
	  "\"https://d\",\"https://e\",\"https://f\",\"https://g\","
	  "\"https://h\",\"https://i\"]}",
	  "framed_by", "at most 8" },
	{ "the API's address must be a string", "{\"platform_url\":7}",
	  "platform_url", "https://api.example.com" },
	{ "the API's address must be a URL", "{\"platform_url\":\"api\"}",
	  "platform_url", "http" },
	{ "the address for tokens must be a URL",
	  "{\"token_url\":\"ftp://api.example\"}", "token_url", "http" },
	{ "require_user must be a boolean", "{\"require_user\":1}",
	  "require_user", "true or false" },
	{ "legacy_sign_on must be a boolean", "{\"legacy_sign_on\":\"yes\"}",
	  "legacy_sign_on", "true or false" },
	{ "a marketplace that has replaced no sign-on has no old one",
	  "{\"legacy_sign_on\":true}", "legacy_sign_on",
	  "must be false or absent, because the marketplace has replaced no "
	  "form of sign-on" },
};

/* ---- frames ---- */

static const char clever_cloud[] =
	"{\"id\":\"fast-db\",\"api\":{"
	"\"config_vars\":[\"FAST_DB_URL\"],\"regions\":[\"eu\"],"
	"\"password\":\"" HOMES_PASSWORD "\","
	"\"sso_salt\":\"" HOMES_SALT "\","
	"\"production\":{\"base_url\":\"https://fast-db.example/clever/resources\","
	"\"sso_url\":\"https://fast-db.example/sso\"}}}";

static struct frame_row {
	const char *name;
	const char *settings; /* NULL: no file */
	const char *heroku, *clever_cloud;
} frames[] = {
	{ "the marketplace decides about frames", NULL, NULL,
	  "https://console.clever-cloud.com" },
	{ "other settings leave that to it", "{}", NULL,
	  "https://console.clever-cloud.com" },
	{ "an origin may show pages in a frame",
	  "{\"framed_by\":\"https://x.example\",\"session\":\"8h\"}",
	  "https://x.example", "https://x.example" },
	{ "a port may follow", "{\"framed_by\":\"https://x.example:8443\"}",
	  "https://x.example:8443", "https://x.example:8443" },
	{ "a slash may follow", "{\"framed_by\":\"https://x.example:8443/\"}",
	  "https://x.example:8443", "https://x.example:8443" },
	{ "so may several origins",
	  "{\"framed_by\":[\"https://x.example\",\"https://y.example/\"]}",
	  "https://x.example https://y.example",
	  "https://x.example https://y.example" },
	{ "no origin may", "{\"framed_by\":[]}", NULL, NULL },
};

static void assert_framed_by(const char *marketplace, const char *manifest,
			     const char *settings, const char *origins)
{
	const char *home = arena_printf(arena, "%s/fast-db", marketplace);
	const struct addon *addon;

	homes_clear();
	homes_add(home, manifest);
	if (settings)
		homes_write(home, "settings.json", settings);
	addon = homes_open_one();
	assert_string_equal(unit_findings(), "");
	assert_true(addon->is_valid);
	assert_text(addon->framed_by, origins);
}

static void frames_are_as_expected(void **state)
{
	const struct frame_row *row = *state;

	assert_framed_by("heroku", homes_v3, row->settings, row->heroku);
	assert_framed_by("clever-cloud", clever_cloud, row->settings,
			 row->clever_cloud);
}

static void settings_are_bad(void **state)
{
	const struct bad_row *row = *state;
	struct addons *addons;

	homes_clear();
	homes_add("heroku/fast-db", homes_v3);
	homes_write("heroku/fast-db", "settings.json", row->settings);
	addons = homes_open();
	homes_assert_error(FILE_NAME, row->field, row->remedy);
	assert_false(addons->list[0]->is_valid);
	/* The manifest has the id and the paths. */
	assert_int_equal(addons->unreadable, 0);
	assert_text(addons->list[0]->id, "fast-db");
}

/* ---- the old sign-on ---- */

static bool accepts_legacy_sign_on(const char *settings)
{
	const struct addon *addon;

	homes_clear();
	homes_add("clever-cloud/fast-db", homes_clever_cloud);
	homes_write("clever-cloud/fast-db", "settings.json", settings);
	addon = homes_open_one();
	assert_string_equal(unit_findings(), "");
	return addon->accepts_legacy_sign_on;
}

static void an_old_sign_on_is_accepted_if_a_vendor_says_so(void)
{
	assert_true(accepts_legacy_sign_on("{\"legacy_sign_on\":true}"));
	assert_false(accepts_legacy_sign_on("{\"legacy_sign_on\":false}"));
	assert_false(accepts_legacy_sign_on("{}"));
}

static void plans_are_kept(void)
{
	const struct addon *addon =
		open_with("{\"plans\":{\"basic\":{\"to\":[]}}}");

	assert_string_equal(json_print(arena, addon->plans),
			    "{\"basic\":{\"to\":[]}}");
}

static void also_valid_secrets_are_added(void)
{
	const struct addon *addon = open_with(
		"{\"also_valid\":{\"passwords\":[\"1234567890abcdef\","
		"\"fedcba0987654321\"],\"salts\":[\"0123456789abcdef\"]}}");

	assert_string_equal(unit_findings(), "");
	assert_int_equal(addon->passwords.count, 3);
	assert_text(addon->passwords.values[0], HOMES_PASSWORD);
	assert_text(addon->passwords.values[1], "1234567890abcdef");
	assert_text(addon->passwords.values[2], "fedcba0987654321");
	assert_int_equal(addon->salts.count, 2);
	assert_text(addon->salts.values[0], HOMES_SALT);
	assert_text(addon->salts.values[1], "0123456789abcdef");
}

static void a_weak_also_valid_secret_is_a_warning(void)
{
	const struct addon *addon =
		open_with("{\"also_valid\":{\"salts\":[\"12345678\"]}}");

	assert_true(addon->is_valid);
	assert_int_equal(addon->salts.count, 2);
	assert_contains(unit_findings(), "warning: ");
	assert_contains(unit_findings(), FILE_NAME ": also_valid.salts");
}

/* ---- the client secret ---- */

static const struct addon *open_with_client_secret(const char *content)
{
	if (content)
		files_write("client-secret", content);
	else
		unlink(files_path("client-secret"));
	return open_with(arena_printf(arena, "{\"client_secret_file\":\"%s\"}",
				      files_path("client-secret")));
}

static struct client_secret_row {
	const char *name;
	const char *content; /* NULL: no file */
	const char *expected;
	const char *remedy; /* if expected is NULL */
} client_secrets[] = {
	{ "a client secret is what its file holds", "0123456789abcdef",
	  "0123456789abcdef", NULL },
	{ "a client secret may have a newline after it", "0123456789abcdef\n",
	  "0123456789abcdef", NULL },
	{ "a client secret may have blanks after it",
	  "0123456789abcdef \t\r\n\n", "0123456789abcdef", NULL },
	{ "a client secret's file must be there", NULL, NULL,
	  "cannot be read" },
	{ "a client secret's file must not be empty", "", NULL, "one line" },
	{ "a client secret's file must hold more than blanks", " \n", NULL,
	  "one line" },
	{ "a client secret has no blank before it", " 0123456789abcdef", NULL,
	  "one line" },
	{ "a client secret has no blank in it", "0123456 89abcdef", NULL,
	  "one line" },
	{ "a client secret is alone in its file",
	  "0123456789abcdef\nfedcba9876543210\n", NULL, "one line" },
};

static void client_secret_is_as_expected(void **state)
{
	const struct client_secret_row *row = *state;
	const struct addon *addon = open_with_client_secret(row->content);

	assert_bool(addon->is_valid, row->expected);
	assert_text(addon->client_secret, row->expected);
	if (row->expected)
		assert_string_equal(unit_findings(), "");
	else
		homes_assert_error(FILE_NAME, "client_secret_file",
				   row->remedy);
	assert_lacks(unit_findings(), "89abcdef");
}

static void a_client_secrets_file_is_no_folder(void)
{
	homes_clear();
	open_with(arena_printf(arena, "{\"client_secret_file\":\"%s\"}",
			       files_path("addons")));
	homes_assert_error(FILE_NAME, "client_secret_file", "must be a file");
}

/* ---- tokens for the listener ---- */

static void write_platform_settings(void)
{
	files_write("client-secret", "0123456789abcdef");
	homes_write("heroku/fast-db", "settings.json",
		    arena_printf(arena,
				 "{\"platform\":true,"
				 "\"client_secret_file\":\"%s\"}",
				 files_path("client-secret")));
}

static void hooks_may_get_tokens(void)
{
	const struct addon *addon;

	homes_clear();
	homes_add("heroku/fast-db", homes_v3);
	files_remove(files_path("addons/heroku/fast-db/template.json"));
	homes_write("heroku/fast-db", "hooks/provision", "#!/bin/sh\n");
	write_platform_settings();
	addon = homes_open_one();
	assert_true(addon->is_valid);
	assert_true(addon->gives_platform);
}

static void a_template_gets_no_token(void)
{
	homes_clear();
	homes_add("heroku/fast-db", homes_v3);
	write_platform_settings();
	homes_open();
	homes_assert_error(FILE_NAME, "platform", "runs no code");
}

static void an_old_api_gives_no_token(void)
{
	homes_clear();
	homes_add("heroku/fast-db", homes_v1);
	write_platform_settings();
	homes_open();
	homes_assert_error(FILE_NAME, "platform", "version of the API");
}

static void a_changed_client_secret_is_noticed(void)
{
	open_with_client_secret("0123456789abcdef");
	assert_false(addons_have_changed(homes_addons));
	files_write("client-secret", "fedcba9876543210");
	assert_true(addons_have_changed(homes_addons));
	assert_text(homes_reopen()->list[0]->client_secret, "fedcba9876543210");
}

static void a_client_secret_that_comes_is_noticed(void)
{
	open_with_client_secret(NULL);
	assert_false(addons_have_changed(homes_addons));
	files_write("client-secret", "0123456789abcdef");
	assert_true(addons_have_changed(homes_addons));
	assert_true(homes_reopen()->list[0]->is_valid);
}

static void all_errors_are_told_at_once(void)
{
	open_with("{\"session\":8,\"provision\":7,\"a\":1,\"b\":2}");
	assert_int_equal(findings.errors, 4);
}

static struct unit_check checks[] = {
	{ "an old sign-on is accepted if a vendor says so",
	  an_old_sign_on_is_accepted_if_a_vendor_says_so },
	{ "plans are kept", plans_are_kept },
	{ "secrets also valid come after today's",
	  also_valid_secrets_are_added },
	{ "a weak secret also valid is a warning",
	  a_weak_also_valid_secret_is_a_warning },
	{ "a folder as client secret file is refused",
	  a_client_secrets_file_is_no_folder },
	{ "a changed client secret is noticed",
	  a_changed_client_secret_is_noticed },
	{ "a client secret that comes is noticed",
	  a_client_secret_that_comes_is_noticed },
	{ "hooks may get tokens", hooks_may_get_tokens },
	{ "a template gets no token", a_template_gets_no_token },
	{ "an old API gives no token", an_old_api_gives_no_token },
	{ "all errors are reported at once", all_errors_are_told_at_once },
};

int main(void)
{
	UNIT_ROWS(browsers, browser_gets_what_is_expected);
	UNIT_ROWS(goods, settings_are_good);
	UNIT_ROWS(bads, settings_are_bad);
	UNIT_ROWS(frames, frames_are_as_expected);
	UNIT_ROWS(client_secrets, client_secret_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("addon_settings");
}
