/*
 * checks_sign_on.c - sign-ons: valid ones, and each way to forge one.
 */
#include "lib/verify/session.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/clock.h"
#include "lib/crypto/digest.h"
#include "lib/text/percent.h"
#include "lib/verify/verdict.h"

#define SIGN_ON "Add-on Single Sign-on"

enum {
	OLD = 360,    /* s: older than any provider may accept */
	FUTURE = 3600 /* s */
};

static const char user[] = "9f8e7d6c-5b4a-4321-8765-0123456789ab";
static const char email[] = "verify+customer@example.com";

/* What differs from a valid sign-on. */
struct form {
	const struct verify_resource *resource;   /* NULL: the main one */
	const struct verify_resource *signed_for; /* NULL: the same */
	int64_t age;                              /* s */
	const char *timestamp;                    /* NULL: by age */
	const char *salt;                         /* NULL: the manifest's */
	const char *email;                        /* NULL: the signed one */
	bool lacks_tokens, has_user_token, has_wrong_user_token;
	bool is_get;
};

static const char *digest(struct verify *v, enum digest_kind kind,
			  const char *const parts[], size_t count)
{
	char *hex = arena_alloc(v->arena, DIGEST_LONGEST_HEX + 1);

	if (!digest_hex(kind, parts, count, hex))
		abort();
	return hex;
}

/* Return the id that a sign-on of the resource has. */
static const char *sign_on_id(const struct verify *v,
			      const struct verify_resource *r)
{
	if (!v->provider->is_version_1)
		return r->key;
	return r->id ? r->id : r->key;
}

static const char *token(struct verify *v, const char *id, const char *salt,
			 const char *timestamp)
{
	const char *const parts[] = { id, ":", salt, ":", timestamp };

	return digest(v, DIGEST_SHA1, parts, COUNT(parts));
}

static const char *user_token(struct verify *v, const char *id,
			      const char *salt, const char *timestamp)
{
	const char *const parts[] = { id,  ":",  salt, ":",  timestamp,
				      ":", user, ":",  email };

	return digest(v, DIGEST_SHA256, parts, COUNT(parts));
}

static const char *add_field(struct verify *v, const char *form,
			     const char *name, const char *value)
{
	return arena_join(v->arena, form, *form ? "&" : "", name, "=",
			  percent_encode(v->arena, value));
}

static const char *write_tokens(struct verify *v, const struct form *f,
				const char *form, const char *timestamp)
{
	const struct verify_resource *r = f->resource ? f->resource : v->main;
	const char *signed_id =
		sign_on_id(v, f->signed_for ? f->signed_for : r);
	const char *salt = f->salt ? f->salt : v->provider->salt;

	if (f->lacks_tokens)
		return form;
	form = add_field(v, form,
			 v->provider->is_version_1 ? "token" : "resource_token",
			 token(v, signed_id, salt, timestamp));
	if (!f->has_user_token || v->provider->is_version_1)
		return form;
	return add_field(v, form, "user_scoped_resource_token",
			 user_token(v, signed_id,
				    f->has_wrong_user_token ? "verify" : salt,
				    timestamp));
}

static const char *write_form(struct verify *v, const struct form *f)
{
	const struct verify_resource *r = f->resource ? f->resource : v->main;
	const char *timestamp = f->timestamp
		? f->timestamp
		: arena_number(v->arena, clock_wall() / 1000 - f->age);
	const char *form = add_field(
		v, "", v->provider->is_version_1 ? "id" : "resource_id",
		sign_on_id(v, r));

	form = add_field(v, form, "timestamp", timestamp);
	form = add_field(v, form, "user_id", user);
	form = add_field(v, form, "email", f->email ? f->email : email);
	form = add_field(v, form, "app", "verify-an-app");
	form = add_field(v, form, "nav-data", "e30");
	return write_tokens(v, f, form, timestamp);
}

static struct verify_reply send_sign_on(struct verify *v, const struct form *f)
{
	const char *form = write_form(v, f);
	const struct verify_request request = {
		.method = f->is_get ? "GET" : "POST",
		.url = f->is_get
			? arena_join(v->arena, v->provider->sso_url, "?", form)
			: v->provider->sso_url,
		.body = f->is_get ? NULL : form,
		.type = "application/x-www-form-urlencoded",
	};

	return verify_send(v, &request);
}

static void expect_forbidden(struct verify *v, const struct form *f)
{
	const struct verify_reply reply = send_sign_on(v, f);

	verify_expect_status(v, &reply, "403");
}

/* ---- valid ---- */

static void check_valid(struct verify *v)
{
	const struct verify_reply plain = send_sign_on(v, &(struct form){ 0 });
	/* Of another second: a token may be valid once. */
	const struct verify_reply with_user = send_sign_on(
		v, &(struct form){ .has_user_token = true, .age = 1 });

	verify_expect_status(v, &plain, "200 302 303");
	verify_expect_status(v, &with_user, "200 302 303");
}

static void check_cookie(struct verify *v)
{
	const struct verify_reply reply = send_sign_on(
		v, &(struct form){ .has_user_token = true, .age = 2 });
	const char *cookie = reply.cookie;

	if (!cookie) {
		v->why_skipped = "the response sets no cookie";
		return;
	}
	verify_expect(v,
		      strcasestr(cookie, "; secure")
			      && strcasestr(cookie, "; httponly"),
		      "a cookie with Secure and HttpOnly",
		      arena_join(v->arena, "attributes ",
				 cookie + strcspn(cookie, ";")));
}

/* ---- forged ---- */

static void check_forged(struct verify *v)
{
	expect_forbidden(v, &(struct form){ .salt = "verify-wrong-salt" });
	expect_forbidden(v, &(struct form){ .salt = "" });
}

static void check_old(struct verify *v)
{
	expect_forbidden(v, &(struct form){ .age = OLD });
}

static void check_future(struct verify *v)
{
	expect_forbidden(v, &(struct form){ .age = -FUTURE });
}

static void check_missing(struct verify *v)
{
	expect_forbidden(v, &(struct form){ .lacks_tokens = true });
}

static void check_odd_timestamp(struct verify *v)
{
	static const char *const texts[] = { "", "now", "-1", "1e9" };

	for (size_t i = 0; i < COUNT(texts); i++)
		expect_forbidden(v, &(struct form){ .timestamp = texts[i] });
}

static void check_other(struct verify *v)
{
	struct verify_resource *other = verify_new_resource(v);
	const struct verify_reply created =
		verify_create(v, other, v->provider->plan);

	verify_expect_status(v, &created, "200 201 202");
	expect_forbidden(v, &(struct form){ .signed_for = other });
}

static void check_weaker(struct verify *v)
{
	expect_forbidden(v,
			 &(struct form){ .has_user_token = true,
					 .has_wrong_user_token = true });
}

static void check_email(struct verify *v)
{
	expect_forbidden(v,
			 &(struct form){ .has_user_token = true,
					 .email = "eve@example.com" });
}

static void check_gone(struct verify *v)
{
	const struct verify_reply reply =
		send_sign_on(v, &(struct form){ .resource = v->removed });

	verify_expect_status(v, &reply, "403 404 410");
}

static void check_by_get(struct verify *v)
{
	const struct verify_reply reply =
		send_sign_on(v, &(struct form){ .is_get = true });

	verify_expect(v, !reply.fault && !reply.cookie && reply.status >= 300,
		      "no session by GET", verify_describe(v, &reply));
}

/* clang-format off */
const struct verify_check verify_sign_on_checks[] = {
	{ CHECK("sign-on.valid", "a valid sign-on succeeds", SIGN_ON, check_valid), .needs_main = true, .needs_sign_on = true },
	{ CHECK("sign-on.cookie", "the cookie of a session is Secure and HttpOnly", "RFC 6265, section 8", check_cookie), .needs_main = true, .needs_sign_on = true },
	{ CHECK("sign-on.forged", "a token with another salt gets 403", SIGN_ON, check_forged), .needs_main = true, .needs_sign_on = true },
	{ CHECK("sign-on.old", "a token older than five minutes gets 403", SIGN_ON, check_old), .needs_main = true, .needs_sign_on = true },
	{ CHECK("sign-on.future", "a token of the future gets 403", SIGN_ON, check_future), .needs_main = true, .needs_sign_on = true },
	{ CHECK("sign-on.missing", "a form without a token gets 403", SIGN_ON, check_missing), .needs_main = true, .needs_sign_on = true },
	{ CHECK("sign-on.timestamp", "a timestamp that is not a number gets 403", SIGN_ON, check_odd_timestamp), .needs_main = true, .needs_sign_on = true },
	{ CHECK("sign-on.other", "a token of another resource gets 403", SIGN_ON, check_other), .needs_main = true, .needs_sign_on = true },
	{ CHECK("sign-on.weaker", "a weaker token does not excuse a wrong stronger one", SIGN_ON, check_weaker), .version = VERIFY_3, .needs_main = true, .needs_sign_on = true },
	{ CHECK("sign-on.email", "another e-mail address than the signed one gets 403", SIGN_ON, check_email), .version = VERIFY_3, .needs_main = true, .needs_sign_on = true },
	{ CHECK("sign-on.gone", "nobody signs on to a deprovisioned resource", SIGN_ON, check_gone), .needs_main = true, .needs_sign_on = true, .needs_removed = true },
	{ CHECK("sign-on.get", "a sign-on is a POST", SIGN_ON, check_by_get), .needs_main = true, .needs_sign_on = true },
	{ .name = NULL },
};
/* clang-format on */
