/*
 * checks_promise.c - a create that gets 202: the provider exchanges the grant
 * for tokens, sets config vars, and marks the resource as provisioned.
 */
#include "lib/verify/session.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/verify/verdict.h"

#define ASYNCHRONOUS "Add-on Partner API: asynchronous provisioning"
#define TOKENS "Platform API for Partners: OAuth tokens"
#define CALLS "Platform API for Partners: requests"

/* ---- what the provider called ---- */

static const struct marketplace_record *record_of_main(struct verify *v)
{
	return marketplace_record(v->provider->marketplace, v->main->key);
}

/* Return how many calls for the main resource had this fault. */
static int count_faulty(struct verify *v, enum marketplace_fault fault)
{
	const struct marketplace_record *record = record_of_main(v);
	int count = 0;

	for (int call = 0; call < MARKETPLACE_CALLS; call++)
		count += record->calls[call][fault];
	return count;
}

static void expect_no_faulty(struct verify *v, enum marketplace_fault fault,
			     const char *expected, const char *got)
{
	int count = count_faulty(v, fault);

	verify_expect(v, count == 0, expected,
		      arena_printf(v->arena, "%s (%d times)", got, count));
}

/* ---- the grant ---- */

static void check_grant(struct verify *v)
{
	const struct marketplace_record *nobody =
		marketplace_record(v->provider->marketplace, "");
	int unreadable =
		nobody->calls[MARKETPLACE_EXCHANGE][MARKETPLACE_NO_FORM];

	verify_expect(
		v,
		record_of_main(v)
				->calls[MARKETPLACE_EXCHANGE][MARKETPLACE_RIGHT]
			> 0,
		"a form with grant_type=authorization_code, the code and the "
		"client_secret at /oauth/token",
		unreadable > 0 ? "a request that is not such a form" : "none");
}

static void check_secret(struct verify *v)
{
	if (!v->provider->has_client_secret) {
		v->why_skipped = "option --client-secret is not given";
		return;
	}
	expect_no_faulty(v, MARKETPLACE_SECRET,
			 "the client secret of the option", "another one");
}

static void check_once(struct verify *v)
{
	expect_no_faulty(v, MARKETPLACE_REPEATED, "one exchange of a code",
			 "a code that was used before");
}

/* ---- the calls ---- */

static void check_version(struct verify *v)
{
	expect_no_faulty(v, MARKETPLACE_VERSION,
			 "Accept: application/vnd.heroku+json; version=3",
			 "another Accept");
}

static void check_token(struct verify *v)
{
	expect_no_faulty(v, MARKETPLACE_TOKEN,
			 "Authorization: Bearer and the access token",
			 "no token, or another one");
}

static void check_body(struct verify *v)
{
	expect_no_faulty(v, MARKETPLACE_BODY,
			 "{\"config\":[{\"name\":...,\"value\":...}]}",
			 "another body");
}

static void check_order(struct verify *v)
{
	expect_no_faulty(v, MARKETPLACE_EARLY,
			 "config vars, and then the end of the provisioning",
			 "the end before there were config vars");
}

static void check_end(struct verify *v)
{
	verify_expect(v, marketplace_has_ended(record_of_main(v)),
		      arena_printf(v->arena,
				   "POST /addons/ID/actions/provision within "
				   "%d s",
				   (int)(v->provider->wait / 1000)),
		      "none");
}

/* ---- what goes wrong ---- */

static struct verify_resource *promise(struct verify *v,
				       enum marketplace_manner manner)
{
	struct verify_resource *r = verify_new_resource(v);
	struct verify_reply reply;

	r->manner = manner;
	reply = verify_create(v, r, v->provider->plan);
	verify_expect_status(v, &reply, "202");
	return r;
}

static void expect_end(struct verify *v, enum marketplace_manner manner)
{
	const struct verify_resource *r = promise(v, manner);

	if (r->is_promised)
		verify_expect(v, marketplace_has_ended(verify_await_end(v, r)),
			      "the end of the provisioning", "none");
}

static void check_expired(struct verify *v)
{
	expect_end(v, MARKETPLACE_EXPIRING);
}

static void check_busy(struct verify *v)
{
	expect_end(v, MARKETPLACE_BUSY);
}

static void check_repeat(struct verify *v)
{
	struct verify_resource *r = promise(v, MARKETPLACE_PLAIN);
	const char *first = r->id ? r->id : "none", *second;
	const struct verify_reply reply =
		verify_create(v, r, v->provider->plan);

	verify_expect_status(v, &reply, "200 201 202");
	second = verify_id(v, &reply);
	verify_expect(v, second && strcmp(first, second) == 0,
		      arena_join(v->arena, "the id ", first),
		      second ? second : "none");
}

static void check_promised_delete(struct verify *v)
{
	struct verify_resource *r = promise(v, MARKETPLACE_PLAIN);
	const struct verify_reply removed =
		verify_call(v, "DELETE", verify_path(v, r), NULL);
	struct verify_reply reply;

	verify_expect_status(v, &removed, "200 204");
	reply = verify_create(v, r, v->provider->plan);
	verify_expect_status(v, &reply, "410 422");
}

/* clang-format off */
const struct verify_check verify_promise_checks[] = {
	{ CHECK("promise.grant", "the grant of a create is exchanged for tokens", TOKENS, check_grant), .needs_promise = true },
	{ CHECK("promise.secret", "a token request has the client secret", TOKENS, check_secret), .needs_promise = true },
	{ CHECK("promise.once", "a code is exchanged once", TOKENS, check_once), .needs_promise = true },
	{ CHECK("promise.version", "calls ask for version 3", CALLS, check_version), .needs_promise = true },
	{ CHECK("promise.token", "calls have the access token", CALLS, check_token), .needs_promise = true },
	{ CHECK("promise.body", "config vars are an array of names and values", CALLS, check_body), .needs_promise = true },
	{ CHECK("promise.order", "config vars are set before the end of the provisioning", ASYNCHRONOUS, check_order), .needs_promise = true },
	{ CHECK("promise.end", "a promised resource is marked as provisioned", ASYNCHRONOUS, check_end), .needs_promise = true },
	{ CHECK("promise.expired", "an expired access token is refreshed", TOKENS, check_expired), .needs_promise = true },
	{ CHECK("promise.busy", "calls that get 503 and 429 are repeated", CALLS, check_busy), .needs_promise = true },
	{ CHECK("promise.repeat", "a create that is repeated meanwhile gets the same id", AT_LEAST_ONCE, check_repeat), .needs_promise = true },
	{ CHECK("promise.delete", "a promised resource can be deprovisioned", ASYNCHRONOUS, check_promised_delete), .needs_promise = true },
	{ .name = NULL },
};
/* clang-format on */
