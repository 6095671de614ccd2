/*
 * checks_request.c - credentials and bodies: what a provider must refuse
 * before it creates anything.
 */
#include "lib/verify/session.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/text/json.h"
#include "lib/verify/verdict.h"

#define PARTNER_API "Add-on Partner API"

enum { LARGE = 300 * 1024 }; /* bytes of a body */

static void check_reach(struct verify *v)
{
	const struct verify_reply reply = verify_call(v, "GET", NULL, NULL);

	v->is_away = reply.fault;
	verify_expect(v, !reply.fault, "a response of HTTP",
		      verify_describe(v, &reply));
}

/* ---- credentials ---- */

/* A request to a resource that does not exist, with some credentials. */
struct credentials {
	const char *what;
	const char *user, *password, *token;
};

static void expect_401(struct verify *v, const char *method,
		       struct verify_resource *r, const struct credentials *c)
{
	bool creates = strcmp(method, "POST") == 0;
	const struct verify_request request = {
		.method = method,
		.url = verify_url(v, creates ? NULL : verify_path(v, r)),
		.body = strcmp(method, "DELETE") == 0
			? NULL
			: verify_body(v, r, v->provider->plan),
		.user = c->user,
		.password = c->password,
		.token = c->token,
	};
	const struct verify_reply reply = verify_send(v, &request);

	verify_expect(v, !reply.fault && reply.status == 401,
		      arena_join(v->arena, "status 401 for ", c->what),
		      verify_describe(v, &reply));
}

/* Return the password with the case of its first letter changed, or NULL. */
static const char *change_case(struct verify *v)
{
	char *password = arena_strdup(v->arena, v->provider->password);
	char *letter = strpbrk(password,
			       "abcdefghijklmnopqrstuvwxyz"
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	if (!letter)
		return NULL;
	*letter ^= 'a' ^ 'A';
	return password;
}

static void expect_all_401(struct verify *v, const char *method)
{
	const struct verify_provider *p = v->provider;
	const struct credentials all[] = {
		{ .what = "no credentials" },
		{ .what = "a bearer token", .token = p->password },
	};
	struct verify_resource *r = verify_new_resource(v);

	for (size_t i = 0; i < COUNT(all); i++)
		expect_401(v, method, r, &all[i]);
}

static void check_post(struct verify *v)
{
	expect_all_401(v, "POST");
}

static void check_put(struct verify *v)
{
	expect_all_401(v, "PUT");
}

static void check_delete(struct verify *v)
{
	expect_all_401(v, "DELETE");
}

/* Each method may check them in a place of its own. */
static void expect_refused(struct verify *v, const char *what, const char *user,
			   const char *password)
{
	static const char *const methods[] = { "POST", "PUT", "DELETE" };
	const struct credentials c = { what, user, password, NULL };

	for (size_t i = 0; i < COUNT(methods); i++)
		expect_401(v, methods[i], verify_new_resource(v), &c);
}

static void check_user(struct verify *v)
{
	expect_refused(v, "a wrong user name", "verify-nobody",
		       v->provider->password);
}

static void check_password(struct verify *v)
{
	expect_refused(v, "a wrong password", v->provider->user,
		       arena_join(v->arena, v->provider->password, "x"));
}

static void check_empty_password(struct verify *v)
{
	expect_refused(v, "an empty password", v->provider->user, "");
}

static void check_case(struct verify *v)
{
	const char *password = change_case(v);

	if (password)
		expect_refused(v, "the password in another case",
			       v->provider->user, password);
	else
		v->why_skipped = "the password has no letters";
}

/* If the refused request had an effect, its key is taken by another plan, or a
 * change of its plan succeeds. */
static void check_effect(struct verify *v)
{
	const struct credentials wrong = {
		.what = "a wrong password",
		.user = v->provider->user,
		.password = "verify-wrong-password",
	};
	struct verify_resource *r = verify_new_resource(v);
	struct verify_reply reply;

	expect_401(v, "POST", r, &wrong);
	reply = verify_call(v, "PUT", r->key,
			    verify_body(v, r, v->provider->plan));
	verify_expect(v, !verify_is_success(&reply),
		      "no success of a plan change of what was refused",
		      verify_describe(v, &reply));
}

static void check_second_password(struct verify *v)
{
	const struct verify_resource *r = verify_new_resource(v);
	struct verify_reply reply;

	if (!v->provider->second_password) {
		v->why_skipped = "no second password is given";
		return;
	}
	reply = verify_send(
		v,
		&(struct verify_request){
			.method = "PUT",
			.url = verify_url(v, r->key),
			.body = verify_body(v, r, v->provider->plan),
			.user = v->provider->user,
			.password = v->provider->second_password,
		});
	verify_expect(v, !reply.fault && reply.status != 401,
		      "another status than 401", verify_describe(v, &reply));
}

/* ---- bodies ---- */

static struct verify_reply post(struct verify *v, const char *body)
{
	return verify_call(v, "POST", NULL, body);
}

static void check_json(struct verify *v)
{
	const struct verify_resource *r = verify_new_resource(v);
	const char *body = verify_body(v, r, v->provider->plan);
	const struct verify_reply cut =
		post(v, arena_strndup(v->arena, body, strlen(body) - 1));
	const struct verify_reply empty = post(v, "");

	verify_expect_status(v, &cut, "400 422");
	verify_expect_status(v, &empty, "400 411 422");
}

static void check_object(struct verify *v)
{
	static const char *const bodies[] = { "[]", "null", "\"a\"", "1" };

	for (size_t i = 0; i < COUNT(bodies); i++) {
		const struct verify_reply reply = post(v, bodies[i]);

		verify_expect_status(v, &reply, "400 422");
	}
}

static void check_missing_plan(struct verify *v)
{
	struct verify_resource *r = verify_new_resource(v);
	const struct verify_reply reply = verify_create(v, r, NULL);

	verify_expect_status(v, &reply, "400 422");
}

static void check_missing_key(struct verify *v)
{
	const struct verify_resource none = { .key = NULL };
	const struct verify_reply reply =
		post(v, verify_body(v, &none, v->provider->plan));

	verify_expect_status(v, &reply, "400 422");
}

static void check_large(struct verify *v)
{
	char *text = arena_alloc(v->arena, LARGE + 1);
	struct json *document =
		verify_document(v, verify_new_resource(v), v->provider->plan);
	struct verify_reply reply;

	memset(text, 'x', LARGE);
	json_put_text(document, "verify_large", text);
	reply = post(v, json_print(v->arena, document));
	verify_expect(v, !reply.fault && reply.status < 500,
		      "a response, and not an error of the server",
		      verify_describe(v, &reply));
}

static void check_get_of_list(struct verify *v)
{
	const struct verify_reply reply = verify_call(v, "GET", NULL, NULL);

	verify_expect(v,
		      !reply.fault && reply.status >= 400 && reply.status < 500,
		      "a status from 400 to 499", verify_describe(v, &reply));
}

static void check_refusal_type(struct verify *v)
{
	const struct verify_reply reply = post(v, "[]");

	verify_expect(v, reply.json && verify_has_json_type(&reply),
		      "a body of the type application/json",
		      reply.type ? reply.type : verify_describe(v, &reply));
}

static void check_refusal_message(struct verify *v)
{
	const struct verify_reply reply = post(v, "[]");

	verify_expect_refusal(v, &reply, "400 422");
}

/* clang-format off */
const struct verify_check verify_request_checks[] = {
	{ CHECK("transport.reach", "the provider responds", "RFC 9110", check_reach) },
	{ CHECK("credentials.post", "a create without Basic credentials gets 401", PARTNER_API ": authentication", check_post) },
	{ CHECK("credentials.put", "a plan change without Basic credentials gets 401", PARTNER_API ": authentication", check_put) },
	{ CHECK("credentials.delete", "a deprovision without Basic credentials gets 401", PARTNER_API ": authentication", check_delete) },
	{ CHECK("credentials.user", "another user name than the manifest's id gets 401", PARTNER_API ": authentication", check_user) },
	{ CHECK("credentials.password", "a wrong password gets 401", PARTNER_API ": authentication", check_password) },
	{ CHECK("credentials.empty", "an empty password gets 401", PARTNER_API ": authentication", check_empty_password) },
	{ CHECK("credentials.case", "a password is compared with its case", PARTNER_API ": authentication", check_case) },
	{ CHECK("credentials.effect", "a refused create has no effect", PARTNER_API ": authentication", check_effect) },
	{ CHECK("credentials.second", "while a password is replaced, both are valid", "provisor: a push of the manifest takes effect at once", check_second_password) },
	{ CHECK("body.json", "a body that is not JSON gets 400 or 422", "RFC 9110, section 15.5", check_json) },
	{ CHECK("body.object", "a body that is not an object gets 400 or 422", "RFC 9110, section 15.5", check_object) },
	{ CHECK("body.plan", "a create without a plan gets 400 or 422", PARTNER_API ": provision", check_missing_plan) },
	{ CHECK("body.key", "a create without the id of the resource gets 400 or 422", PARTNER_API ": provision", check_missing_key), .version = VERIFY_3 },
	{ CHECK("body.large", "a large body gets a response", "RFC 9110, section 15.5.14", check_large) },
	{ CHECK("method.get", "a GET of the resources is refused", "RFC 9110, section 15.5.6", check_get_of_list) },
	{ CHECK("refusal.json", "a refusal is JSON", PARTNER_API ": responses", check_refusal_type) },
	{ CHECK("refusal.message", "a refusal has a message", PARTNER_API ": responses", check_refusal_message) },
	{ .name = NULL },
};
/* clang-format on */
