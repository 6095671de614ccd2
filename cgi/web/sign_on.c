/*
 * sign_on.c - single sign-on from a marketplace's dashboard.
 */
#include "cgi/web/handlers.h"

#include <string.h>

#include "cgi/web/http.h"
#include "cgi/web/page.h"
#include "lib/addon/addon.h"
#include "lib/auth/session_cookie.h"
#include "lib/auth/sso.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/utf8.h"
#include "lib/dialect/dialect.h"
#include "lib/metrics/metrics.h"
#include "lib/provider/claim.h"
#include "lib/provider/missing_homes.h"
#include "lib/provider/provider.h"
#include "lib/provider/sign_on.h"
#include "lib/text/form.h"

/* Return an e-mail address, masked for the log, or NULL. */
static const char *mask_email(struct arena *arena, const char *email)
{
	const char *at = email ? strrchr(email, '@') : NULL;

	if (!at || at == email)
		return NULL;
	return arena_printf(arena, "%.*s***%s",
			    (int)utf8_take(email, strlen(email)), email, at);
}

static enum outcome respond_refused(struct exchange *x, const char *reason,
				    enum outcome outcome)
{
	x->reason = reason;
	return page_refuse(x, outcome);
}

static void count_old_salt(struct exchange *x, const struct sso_claim *claim)
{
	x->has_old_secret = claim->has_old_salt;
	if (claim->has_old_salt)
		metrics_old_secret(claim->addon->dialect->marketplace,
				   claim->addon->id);
}

/* The script of the marketplace's header reads this cookie. */
static void add_nav_data(struct exchange *x, const char *nav_data)
{
	if (nav_data)
		http_add_header(
			x,
			arena_join(x->arena,
				   "Set-Cookie: heroku-nav-data=", nav_data,
				   "; Path=/; Secure; "
				   "SameSite=Lax\r\n"));
}

/* A sign-on always creates a new session, which replaces the browser's cookie.
 * This prevents session fixation. */
static enum outcome admit_browser(struct exchange *x,
				  const struct sso_claim *claim,
				  const struct provider_sign_on_response *to)
{
	http_add_header(x,
			session_cookie_header(x->arena, to->session,
					      to->session_max_age,
					      claim->addon->framed_by));
	add_nav_data(x, claim->nav_data);
	http_add_header(
		x, arena_join(x->arena, "Location: ", to->location, "\r\n"));
	x->status = 303;
	page_say(x, "You are signed in", "You are being redirected.");
	return OUTCOME_OK;
}

static enum outcome sign_on(struct exchange *x, const struct form *form,
			    const struct sso_claim *claim)
{
	struct provider_sign_on_request call = {
		.arena = x->arena,
		.request_id = x->request_id,
		.address = x->address,
		.form = form,
		.now = clock_wall(),
		.deadline = x->deadline,
	};
	struct provider_sign_on_response to;
	enum outcome outcome;

	x->addon = claim->addon;
	x->framed_by = claim->addon->framed_by;
	x->user = mask_email(x->arena, claim->email);
	count_old_salt(x, claim);
	if (!claim->addon->is_valid)
		return page_refuse(x, OUTCOME_UNAVAILABLE);
	outcome = provider_sign_on(x->provider, &call, claim, &to);
	x->resource_id = call.resource_id;
	x->message = call.refusal;
	if (outcome != OUTCOME_OK)
		return respond_refused(x, call.reason, outcome);
	return admit_browser(x, claim, &to);
}

/* Add-ons may share a salt: choose the claim whose add-on has the resource. */
static enum outcome sign_on_by_claims(struct exchange *x,
				      const struct form *form,
				      const struct sso_claims *claims)
{
	const struct sso_claim *claim;
	enum outcome outcome =
		provider_choose_claim(x->provider, x->arena, claims, &claim);

	if (outcome != OUTCOME_OK)
		return respond_refused(
			x, outcome == OUTCOME_FORBIDDEN ? "two-addons" : NULL,
			outcome);
	return sign_on(x, form, claim);
}

/* The marketplace of the add-on that came closest decides about the status. */
static enum outcome refuse_claims(struct exchange *x,
				  const struct sso_claims *claims,
				  enum sso_result result)
{
	if (claims->closest)
		x->status = claims->closest->dialect->sso->refused;
	return respond_refused(x, sso_result_name(result), OUTCOME_FORBIDDEN);
}

/* Verify the form in text.  id is from the path of a GET of a resource; NULL:
 * path is the sign-on path. */
static enum outcome verify_form(struct exchange *x, const char *text,
				size_t length, const struct url_path *path,
				const char *id)
{
	struct form *form = arena_alloc(x->arena, sizeof *form);
	const struct sso_request request = {
		.form = form,
		.path = path,
		.is_get = x->method == HTTP_GET,
		.id = id,
		.now = clock_wall(),
	};
	struct sso_claims *claims = arena_alloc(x->arena, sizeof *claims);
	enum sso_result result;

	if (x->is_late)
		return respond_refused(x, "late", OUTCOME_UNAVAILABLE);
	if (form_read(x->arena, text, length, form) != OUTCOME_OK)
		return respond_refused(x, "form", OUTCOME_FORBIDDEN);
	result = sso_verify(x->provider->addons, &request, claims);
	if (result <= SSO_FORGED
	    && provider_may_lack_signer(x->provider, x->arena, &request))
		result = SSO_UNDECIDED;
	if (claims->closest)
		x->framed_by = claims->closest->framed_by;
	if (result == SSO_UNDECIDED)
		return respond_refused(x, sso_result_name(result),
				       OUTCOME_UNAVAILABLE);
	if (result != SSO_VALID)
		return refuse_claims(x, claims, result);
	return sign_on_by_claims(x, form, claims);
}

enum outcome sign_on_post(struct exchange *x)
{
	if (x->body_outcome == OUTCOME_TOO_LARGE)
		return page_refuse(x, x->body_outcome);
	if (x->body_outcome != OUTCOME_OK)
		return respond_refused(x, "form", OUTCOME_FORBIDDEN);
	return verify_form(x, x->body, x->body_length, &x->path, NULL);
}

enum outcome sign_on_get(struct exchange *x)
{
	const char *query = x->query ? x->query : "";

	return verify_form(x, query, strlen(query), &x->path, NULL);
}

enum outcome sign_on_get_resource(struct exchange *x,
				  const struct url_path *resources,
				  const char *id)
{
	const char *query = x->query ? x->query : "";

	if (!utf8_is_valid(id))
		return respond_refused(x, "form", OUTCOME_FORBIDDEN);
	return verify_form(x, query, strlen(query), resources, id);
}
