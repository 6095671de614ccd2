/*
 * sign_on.c - browsers that a marketplace's dashboard sends.
 */
#include "cgi/web/handlers.h"

#include <string.h>

#include "cgi/web/http.h"
#include "cgi/web/page.h"
#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/dialect/dialect.h"
#include "lib/text/form.h"
#include "lib/metrics/metrics.h"
#include "lib/provider/provider.h"
#include "lib/provider/sign_on.h"
#include "lib/auth/session_cookie.h"
#include "lib/auth/sso.h"
#include "lib/text/utf8.h"

/* What a log may know of an e-mail. */
static const char *mask(struct arena *arena, const char *email)
{
	const char *at = email ? strrchr(email, '@') : NULL;

	if (!at || at == email)
		return NULL;
	return arena_printf(arena, "%.*s***%s",
			    (int)utf8_take(email, strlen(email)), email, at);
}

static enum outcome refuse(struct exchange *x, const char *reason,
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

/* The page of old reads this cookie by its script. */
static void add_nav_data(struct exchange *x, const char *nav_data)
{
	if (nav_data)
		http_add_head(x,
			      arena_printf(x->arena,
					   "Set-Cookie: heroku-nav-data=%s; "
					   "Path=/; Secure; "
					   "SameSite=Lax\r\n",
					   nav_data));
}

/* A session is always a new one: whatever cookie the browser had is replaced,
 * so that nobody can give it one to be signed in with. */
static enum outcome welcome(struct exchange *x, const struct sso_claim *claim,
			    const struct provider_welcome *to)
{
	http_add_head(x, session_cookie(x->arena, to->session, to->age));
	add_nav_data(x, claim->nav_data);
	http_add_head(x,
		      arena_printf(x->arena, "Location: %s\r\n", to->location));
	x->status = 303;
	page_say(x, "You are signed in", "This page leads on by itself.");
	return OUTCOME_OK;
}

static enum outcome enter(struct exchange *x, const struct sso_claim *claim)
{
	struct provider_sign_on_request call = {
		.arena = x->arena,
		.request_id = x->request_id,
		.address = x->address,
		.now = clock_wall(),
		.deadline = x->deadline,
	};
	struct provider_welcome to;
	enum outcome outcome;

	x->addon = claim->addon;
	x->user = mask(x->arena, claim->email);
	count_old_salt(x, claim);
	if (!claim->addon->is_valid)
		return page_refuse(x, OUTCOME_UNAVAILABLE);
	outcome = provider_sign_on(x->provider, &call, claim, &to);
	x->resource_id = call.resource_id;
	x->complaint = call.complaint;
	if (outcome != OUTCOME_OK)
		return refuse(x, call.reason, outcome);
	return welcome(x, claim, &to);
}

/* Judge the form that text is.  id is that of a GET's path, or NULL. */
static enum outcome judge(struct exchange *x, const char *text, size_t length,
			  const struct url_path *path, const char *id)
{
	struct form *form = arena_alloc(x->arena, sizeof *form);
	const struct sso_request request = { form, path, id, clock_wall() };
	struct sso_claim claim;
	enum sso_verdict verdict;

	if (x->is_late)
		return refuse(x, "late", OUTCOME_UNAVAILABLE);
	if (form_read(x->arena, text, length, form) != OUTCOME_OK)
		return refuse(x, "form", OUTCOME_FORBIDDEN);
	verdict = sso_judge(x->provider->addons, &request, &claim);
	if (verdict == SSO_UNDECIDED)
		return refuse(x, sso_verdict_name(verdict),
			      OUTCOME_UNAVAILABLE);
	if (verdict != SSO_GOOD)
		return refuse(x, sso_verdict_name(verdict), OUTCOME_FORBIDDEN);
	return enter(x, &claim);
}

enum outcome sign_on_post(struct exchange *x)
{
	if (x->body_outcome == OUTCOME_TOO_LARGE)
		return page_refuse(x, x->body_outcome);
	if (x->body_outcome != OUTCOME_OK)
		return refuse(x, "form", OUTCOME_FORBIDDEN);
	return judge(x, x->body, x->body_length, &x->path, NULL);
}

enum outcome sign_on_get(struct exchange *x, const struct url_path *resources,
			 const char *id)
{
	const char *query = x->query ? x->query : "";

	if (!utf8_is_valid(id))
		return refuse(x, "form", OUTCOME_FORBIDDEN);
	return judge(x, query, strlen(query), resources, id);
}
