/*
 * The requests of DigitalOcean, Clever Cloud and Scalingo, and what each
 * dialect says in data.  test_dialect.c has Heroku's requests.
 */
#include "parse.h"

#include "lib/dialect/dialect.h"

#define UUID "0b8f0f6e-6c1a-4b70-9a53-2f5f2d7a1c11"

static const struct dialect *find(const char *name)
{
	for (int i = 0; dialects[i]; i++)
		if (strcmp(dialects[i]->name, name) == 0)
			return dialects[i];
	fail_msg("there is no dialect %s", name);
	return NULL;
}

/* ---- what a dialect says in data ---- */

static struct status_row {
	const char *name;
	const char *dialect;
	/* Of a create, its repeat, a plan change, a deprovision, its repeat,
	 * and a deprovision of an unknown resource. */
	const char *statuses;
	/* The path of resources, the id in later paths, what a key is, and
	 * what else the marketplace sends. */
	const char *more;
} statuses[] = {
	{ "Clever Cloud always gets 200", "clever-cloud",
	  "200 200 200 200 200 200", "- ours forever" },
	{ "cloudControl's key may return", "cloudcontrol",
	  "201 201 200 204 204 404", "/cloudcontrol/resources ours returns" },
	{ "DigitalOcean gets 201, 204 and 404", "digitalocean",
	  "201 200 200 204 404 404",
	  "/digitalocean/resources theirs forever buries "
	  "/digitalocean/notifications" },
	{ "without a marketplace there are no responses", "direct",
	  "0 0 0 0 0 404", "- ours forever" },
	{ "version 1 of Heroku always gets 200", "heroku-v1",
	  "200 200 200 200 200 404", "/heroku/resources ours forever" },
	{ "version 3 of Heroku gets 204 and 410", "heroku-v3",
	  "200 200 200 204 410 404",
	  "/heroku/resources theirs forever buries promises" },
	{ "Scalingo gets 201 and 204, and reasons in error", "scalingo",
	  "201 200 200 204 204 404", "- ours forever suspends error" },
};

static const char *describe_statuses(const struct dialect *d)
{
	return arena_printf(arena, "%d %d %d %d %d %d", d->provisioned,
			    d->provisioned_again, d->plan_changed,
			    d->deprovisioned, d->deprovisioned_again,
			    d->deprovisioned_unknown ? d->deprovisioned_unknown
						     : 404);
}

static const char *describe_more(const struct dialect *d)
{
	return arena_printf(arena, "%s %s %s%s%s%s%s%s%s%s",
			    *d->resources_path ? d->resources_path : "-",
			    d->path_has_key ? "theirs" : "ours",
			    d->key_returns ? "returns" : "forever",
			    d->buries_unseen ? " buries" : "",
			    d->may_promise ? " promises" : "",
			    d->suspends ? " suspends" : "",
			    d->reason ? " " : "", d->reason ? d->reason : "",
			    d->notifications_path ? " " : "",
			    d->notifications_path ? d->notifications_path : "");
}

static void statuses_are_as_expected(void **state)
{
	const struct status_row *row = *state;
	const struct dialect *dialect = find(row->dialect);

	assert_text(describe_statuses(dialect), row->statuses);
	assert_text(describe_more(dialect), row->more);
	assert_ptr_equal(dialect_find(dialect->marketplace, dialect->version),
			 dialect);
}

static void every_dialect_is_tested(void)
{
	size_t count = 0;

	while (dialects[count])
		count++;
	assert_int_equal(count, COUNT(statuses));
}

/* ---- requests ---- */

static struct request_row {
	const char *name;
	const char *dialect;
	const char *body;
	const char *expected; /* as describe() prints it, or a message */
} requests[] = {
	/* DigitalOcean */
	{ "a request of DigitalOcean is read whole", "digitalocean",
	  "{\"uuid\":\"" UUID "\",\"app_slug\":\"fast-db\","
	  "\"plan_slug\":\"basic\",\"resource_name\":\"primary\","
	  "\"email\":\"a1b2@example.org\",\"creator_id\":\"team-1\","
	  "\"metadata\":{\"size\":\"10\",\"backups\":true,\"trial\":false},"
	  "\"callback_url\":\"https://api.example/1\","
	  "\"oauth_grant\":{\"type\":\"authorization_code\","
	  "\"code\":\"c-1\",\"expires_at\":1457056891}}",
	  "key=" UUID " plan=basic name=primary options={\"size\":\"10\","
	  "\"backups\":\"true\",\"trial\":\"false\"} "
	  "owner={\"email\":\"a1b2@example.org\",\"creator_id\":\"team-1\"} "
	  "callback=https://api.example/1 grant=c-1/1457056891" },
	{ "DigitalOcean's request needs little", "digitalocean",
	  "{\"uuid\":\"" UUID "\",\"plan_slug\":\"basic\"}",
	  "key=" UUID " plan=basic options={}" },
	{ "DigitalOcean's uuid is stored in lower case", "digitalocean",
	  "{\"uuid\":\"0B8F0F6E-6C1A-4B70-9A53-2F5F2D7A1C11\","
	  "\"plan_slug\":\"Basic\"}",
	  "key=" UUID " plan=Basic options={}" },
	{ "metadata was called options", "digitalocean",
	  "{\"uuid\":\"" UUID "\",\"plan_slug\":\"basic\","
	  "\"options\":{\"size\":\"10\",\"backups\":true}}",
	  "key=" UUID " plan=basic "
	  "options={\"size\":\"10\",\"backups\":\"true\"}" },
	{ "metadata counts if both are present", "digitalocean",
	  "{\"uuid\":\"" UUID "\",\"plan_slug\":\"basic\","
	  "\"options\":{\"size\":\"10\"},\"metadata\":{\"size\":\"20\"}}",
	  "key=" UUID " plan=basic options={\"size\":\"20\"}" },
	{ "null metadata is absent", "digitalocean",
	  "{\"uuid\":\"" UUID "\",\"plan_slug\":\"basic\","
	  "\"metadata\":null,\"options\":{\"size\":\"10\"}}",
	  "key=" UUID " plan=basic options={\"size\":\"10\"}" },
	{ "metadata may have numbers and null", "digitalocean",
	  "{\"uuid\":\"" UUID "\",\"plan_slug\":\"basic\","
	  "\"metadata\":{\"size\":10,\"rate\":0.5,\"none\":null}}",
	  "key=" UUID " plan=basic "
	  "options={\"size\":\"10\",\"rate\":\"0.5\"}" },
	{ "a grant may lack its time", "digitalocean",
	  "{\"uuid\":\"" UUID "\",\"plan_slug\":\"basic\","
	  "\"oauth_grant\":{\"code\":\"c-1\"}}",
	  "key=" UUID " plan=basic options={} grant=c-1/0" },
	{ "metadata has no objects", "digitalocean",
	  "{\"uuid\":\"" UUID "\",\"plan_slug\":\"basic\","
	  "\"metadata\":{\"size\":{}}}",
	  "\"metadata\" must be an object whose values are strings, numbers, "
	  "true or false." },
	{ "metadata has no arrays", "digitalocean",
	  "{\"uuid\":\"" UUID "\",\"plan_slug\":\"basic\","
	  "\"metadata\":{\"size\":[\"10\"]}}",
	  "\"metadata\" must be an object whose values are strings, numbers, "
	  "true or false." },
	{ "metadata is an object", "digitalocean",
	  "{\"uuid\":\"" UUID "\",\"plan_slug\":\"basic\","
	  "\"metadata\":[\"size\"]}",
	  "\"metadata\" must be an object." },
	{ "DigitalOcean's grant expires in seconds", "digitalocean",
	  "{\"uuid\":\"" UUID "\",\"plan_slug\":\"basic\",\"oauth_grant\":"
	  "{\"code\":\"c\",\"expires_at\":\"2016-03-03T18:01:31Z\"}}",
	  "\"oauth_grant\" must be an object whose expires_at is a number of "
	  "seconds since 1970." },
	{ "... that are not negative", "digitalocean",
	  "{\"uuid\":\"" UUID "\",\"plan_slug\":\"basic\",\"oauth_grant\":"
	  "{\"code\":\"c\",\"expires_at\":-1}}",
	  "\"oauth_grant\" must be an object whose expires_at is a number of "
	  "seconds since 1970." },
	{ "... and have no fraction", "digitalocean",
	  "{\"uuid\":\"" UUID "\",\"plan_slug\":\"basic\",\"oauth_grant\":"
	  "{\"code\":\"c\",\"expires_at\":1457056891.5}}",
	  "\"oauth_grant\" must be an object whose expires_at is a number of "
	  "seconds since 1970." },
	{ "... and are not milliseconds", "digitalocean",
	  "{\"uuid\":\"" UUID "\",\"plan_slug\":\"basic\",\"oauth_grant\":"
	  "{\"code\":\"c\",\"expires_at\":1457056891000}}",
	  "\"oauth_grant\" must be an object whose expires_at is a number of "
	  "seconds since 1970." },
	{ "a grant's code is not empty", "digitalocean",
	  "{\"uuid\":\"" UUID "\",\"plan_slug\":\"basic\",\"oauth_grant\":"
	  "{\"code\":\"\",\"expires_at\":1457056891}}",
	  "\"oauth_grant\" must be an object with a code of 1 to 255 "
	  "characters." },
	{ "DigitalOcean's plan is plan_slug", "digitalocean",
	  "{\"uuid\":\"" UUID "\",\"plan\":\"basic\"}",
	  "\"plan_slug\" is missing." },
	{ "DigitalOcean's key is required", "digitalocean",
	  "{\"plan_slug\":\"basic\"}", "\"uuid\" is missing." },
	{ "... and a UUID", "digitalocean",
	  "{\"uuid\":\"res-1\",\"plan_slug\":\"basic\"}",
	  "\"uuid\" must be a UUID of 36 characters." },

	/* Clever Cloud */
	{ "a request of Clever Cloud is read whole", "clever-cloud",
	  "{\"addon_id\":\"addon_1\",\"owner_id\":\"orga_1\","
	  "\"owner_name\":\"Acme\",\"user_id\":\"user_1\","
	  "\"plan\":\"basic\",\"region\":\"EU\","
	  "\"callback_url\":\"https://api.example/1\","
	  "\"logplex_token\":\"t.1\",\"options\":{\"size\":\"10\"}}",
	  "key=addon_1 plan=basic region=EU options={\"size\":\"10\"} "
	  "owner={\"owner_id\":\"orga_1\",\"owner_name\":\"Acme\","
	  "\"user_id\":\"user_1\"} callback=https://api.example/1 "
	  "logplex=t.1" },
	{ "addon_id was called heroku_id", "clever-cloud",
	  "{\"heroku_id\":\"addon_1\",\"plan\":\"basic\"}",
	  "key=addon_1 plan=basic options={}" },
	{ "addon_id counts if both are present", "clever-cloud",
	  "{\"heroku_id\":\"old\",\"addon_id\":\"addon_1\","
	  "\"plan\":\"basic\"}",
	  "key=addon_1 plan=basic options={}" },
	{ "... whatever the other is", "clever-cloud",
	  "{\"heroku_id\":[7],\"addon_id\":\"addon_1\",\"plan\":\"basic\"}",
	  "key=addon_1 plan=basic options={}" },
	{ "a null addon_id is absent", "clever-cloud",
	  "{\"heroku_id\":\"old\",\"addon_id\":null,\"plan\":\"basic\"}",
	  "key=old plan=basic options={}" },
	{ "a key keeps its capitals", "clever-cloud",
	  "{\"addon_id\":\"Addon_1\",\"plan\":\"basic\"}",
	  "key=Addon_1 plan=basic options={}" },
	{ "Clever Cloud's key is required", "clever-cloud",
	  "{\"plan\":\"basic\"}", "\"addon_id\" is missing." },
	{ "... under either name", "clever-cloud",
	  "{\"addon_id\":null,\"heroku_id\":null,\"plan\":\"basic\"}",
	  "\"addon_id\" is missing." },
	{ "an addon_id is not empty", "clever-cloud",
	  "{\"addon_id\":\"\",\"heroku_id\":\"old\",\"plan\":\"basic\"}",
	  "\"addon_id\" must be a string of 1 to 255 characters." },
	{ "a heroku_id is not empty", "clever-cloud",
	  "{\"heroku_id\":\"\",\"plan\":\"basic\"}",
	  "\"heroku_id\" must be a string of 1 to 255 characters." },
	{ "an addon_id is a string", "clever-cloud",
	  "{\"addon_id\":7,\"plan\":\"basic\"}",
	  "\"addon_id\" must be a string of 1 to 255 characters." },
	{ "Clever Cloud's options are strings", "clever-cloud",
	  "{\"addon_id\":\"addon_1\",\"plan\":\"basic\","
	  "\"options\":{\"size\":true}}",
	  "\"options\" must be an object whose values are strings." },
	{ "Clever Cloud's plan is required", "clever-cloud",
	  "{\"addon_id\":\"addon_1\"}", "\"plan\" is missing." },

	/* Scalingo */
	{ "a request of Scalingo's documentation has an app", "scalingo",
	  "{\"plan\":\"basic\",\"app_id\":\"app-1\","
	  "\"options\":{\"size\":\"10\"}}",
	  "plan=basic name=app-1 options={\"size\":\"10\"}" },
	{ "a request of Scalingo's skeleton has a uuid", "scalingo",
	  "{\"uuid\":\"" UUID "\",\"plan\":\"basic\",\"options\":{}}",
	  "key=" UUID " plan=basic options={}" },
	{ "a request may have both", "scalingo",
	  "{\"uuid\":\"" UUID "\",\"app_id\":\"app-1\",\"plan\":\"basic\"}",
	  "key=" UUID " plan=basic name=app-1 options={}" },
	{ "a null uuid is absent", "scalingo",
	  "{\"uuid\":null,\"app_id\":\"app-1\",\"plan\":\"basic\"}",
	  "plan=basic name=app-1 options={}" },
	{ "Scalingo's options may be booleans and numbers", "scalingo",
	  "{\"app_id\":\"app-1\",\"plan\":\"basic\","
	  "\"options\":{\"backups\":true,\"size\":10}}",
	  "plan=basic name=app-1 "
	  "options={\"backups\":\"true\",\"size\":\"10\"}" },
	{ "a request with neither is refused", "scalingo",
	  "{\"plan\":\"basic\"}", "\"uuid\" is missing." },
	{ "a uuid is not empty", "scalingo",
	  "{\"uuid\":\"\",\"app_id\":\"app-1\",\"plan\":\"basic\"}",
	  "\"uuid\" must be a string of 1 to 255 characters." },
	{ "an app is not empty", "scalingo",
	  "{\"app_id\":\"\",\"plan\":\"basic\"}",
	  "\"app_id\" must be a string of 1 to 255 characters." },
	{ "an app is a string beside a uuid, too", "scalingo",
	  "{\"uuid\":\"" UUID "\",\"app_id\":7,\"plan\":\"basic\"}",
	  "\"app_id\" must be a string of 1 to 255 characters." },
	{ "Scalingo's plan is required", "scalingo", "{\"app_id\":\"app-1\"}",
	  "\"plan\" is missing." },
	{ "... and not empty", "scalingo",
	  "{\"app_id\":\"app-1\",\"plan\":\"\"}",
	  "\"plan\" must be a string of 1 to 64 characters." },
};

/* Return the members of a request that are present. */
static const char *describe(const struct provision_request *r)
{
	const struct {
		const char *name, *value;
	} members[] = {
		{ "key", r->key },
		{ "plan", r->plan },
		{ "region", r->region },
		{ "name", r->name },
		{ "options", json_print(arena, r->options) },
		{ "owner", r->owner ? json_print(arena, r->owner) : NULL },
		{ "callback", r->callback_url },
		{ "log_input", r->log_input_url },
		{ "logplex", r->logplex_token },
		{ "drain", r->log_drain_token },
		{ "grant",
		  r->grant_code ? arena_printf(arena, "%s/%lld", r->grant_code,
					       (long long)r->grant_expires_at)
				: NULL },
	};
	const char *text = "";

	for (size_t i = 0; i < COUNT(members); i++)
		if (members[i].value)
			text = arena_printf(arena, "%s%s%s=%s", text,
					    *text ? " " : "", members[i].name,
					    members[i].value);
	return text;
}

static const char *read_request(const char *dialect, const char *body,
				struct provision_request *request)
{
	const char *message = NULL;
	enum outcome outcome = dialect_read_provision(
		find(dialect), arena, parse(body), request, &message);

	if (outcome == OUTCOME_OK)
		return describe(request);
	assert_string_equal(outcome_name(outcome), "invalid");
	return message;
}

static void request_is_as_expected(void **state)
{
	const struct request_row *row = *state;
	struct provision_request request;

	assert_text(read_request(row->dialect, row->body, &request),
		    row->expected);
}

static const char *many_options(int count)
{
	const char *options = "\"0\":true";

	for (int i = 1; i < count; i++)
		options = arena_printf(arena, "%s,\"%d\":%d", options, i, i);
	return arena_printf(arena,
			    "{\"uuid\":\"" UUID "\",\"plan_slug\":\"p\","
			    "\"metadata\":{%s}}",
			    options);
}

static void metadata_has_64_members_at_most(void)
{
	struct provision_request request;

	read_request("digitalocean", many_options(64), &request);
	assert_int_equal(json_count(request.options), 64);
	assert_text(read_request("digitalocean", many_options(65), &request),
		    "\"metadata\" must be an object of at most 64 options.");
}

/* A repeated request is compared by what was read. */
static void a_boolean_equals_its_text(void)
{
	struct provision_request one, other;

	read_request("digitalocean",
		     "{\"uuid\":\"" UUID "\",\"plan_slug\":\"p\","
		     "\"metadata\":{\"a\":true,\"b\":10}}",
		     &one);
	read_request("digitalocean",
		     "{\"uuid\":\"" UUID "\",\"plan_slug\":\"p\","
		     "\"options\":{\"b\":\"10\",\"a\":\"true\"}}",
		     &other);
	assert_string_equal(one.digest, other.digest);
}

/* ---- plan changes ---- */

static struct plan_row {
	const char *name;
	const char *dialect;
	const char *body;
	const char *expected; /* the plan or a message */
} plans[] = {
	{ "DigitalOcean changes to plan_slug", "digitalocean",
	  "{\"plan_slug\":\"premium\"}", "premium" },
	{ "... and not to plan", "digitalocean", "{\"plan\":\"premium\"}",
	  "\"plan_slug\" is missing." },
	{ "... whose name is not empty", "digitalocean", "{\"plan_slug\":\"\"}",
	  "\"plan_slug\" must be a string of 1 to 64 characters." },
	{ "Clever Cloud changed to plan", "clever-cloud",
	  "{\"addon_id\":\"addon_1\",\"plan\":\"premium\"}", "premium" },
	{ "Scalingo changes to plan", "scalingo",
	  "{\"plan\":\"premium\",\"options\":{\"size\":10}}", "premium" },
	{ "... which is required", "scalingo", "{\"options\":{}}",
	  "\"plan\" is missing." },
};

static void plan_is_as_expected(void **state)
{
	const struct plan_row *row = *state;
	const char *plan = NULL, *message = NULL;
	enum outcome outcome = dialect_read_plan(
		find(row->dialect), arena, parse(row->body), &plan, &message);

	assert_text(outcome == OUTCOME_OK ? plan : message, row->expected);
}

/* ---- who is signed on ---- */

static void some_sign_the_user(void)
{
	assert_true(dialect_signs_user(find("heroku-v3")));
	assert_true(dialect_signs_user(find("clever-cloud")));
	assert_false(dialect_signs_user(find("heroku-v1")));
	assert_false(dialect_signs_user(find("digitalocean")));
	assert_false(dialect_signs_user(find("scalingo")));
}

static void one_has_an_old_sign_on(void)
{
	for (int i = 0; dialects[i]; i++)
		assert_bool(dialect_has_legacy_sign_on(dialects[i]),
			    dialects[i] == find("clever-cloud"));
}

static struct unit_check checks[] = {
	{ "the data of every dialect is tested", every_dialect_is_tested },
	{ "metadata has 64 members at most", metadata_has_64_members_at_most },
	{ "a boolean equals its text", a_boolean_equals_its_text },
	{ "some marketplaces sign the user", some_sign_the_user },
	{ "one marketplace has replaced its sign-on", one_has_an_old_sign_on },
};

int main(void)
{
	UNIT_ROWS(statuses, statuses_are_as_expected);
	UNIT_ROWS(requests, request_is_as_expected);
	UNIT_ROWS(plans, plan_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("dialect_requests");
}
