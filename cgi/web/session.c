/*
 * session.c - describes sessions to other applications, and ends them.
 */
#include "cgi/web/handlers.h"

#include <string.h>

#include "cgi/web/customer.h"
#include "cgi/web/http.h"
#include "cgi/web/page.h"
#include "lib/addon/addon.h"
#include "lib/addon/addon_index.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/log.h"
#include "lib/crypto/base64.h"
#include "lib/dialect/dialect.h"
#include "lib/provider/provider.h"
#include "lib/text/form.h"
#include "lib/text/json.h"
#include "lib/text/percent.h"

/* ---- describing a session ---- */

/* Applications get all of these headers or none.  nginx passes no other header
 * on to them. */
static void add_session_headers(struct exchange *x,
				const struct provider_session *session)
{
	const struct session *cookie = &session->cookie;
	const struct json *values =
		cookie->values ? cookie->values : json_object(x->arena);
	const char *text = json_print(x->arena, values);
	const struct {
		const char *name;
		const char *value;
	} headers[] = {
		{ "Resource", session->resource.provider_id },
		{ "Addon", cookie->addon },
		{ "Marketplace", cookie->marketplace },
		{ "Plan", session->resource.plan },
		{ "State", session->resource.state },
		{ "Signed", cookie->user || cookie->email ? "true" : "false" },
		{ "User", cookie->user },
		{ "Email", cookie->email },
		{ "App", cookie->app },
		{ "Session", base64_url_encode(x->arena, text, strlen(text)) },
	};

	for (size_t i = 0; i < COUNT(headers); i++) {
		const char *value = headers[i].value ? headers[i].value : "";

		http_add_header(x,
				arena_printf(x->arena, "X-Provisor-%s: %s\r\n",
					     headers[i].name,
					     percent_encode(x->arena, value)));
	}
}

/* Find an add-on by "MARKETPLACE/ADDON". */
static const struct addon *find_addon_of_host(const struct exchange *x,
					      const char *name)
{
	char *marketplace = arena_strdup(x->arena, name);
	char *slash = strchr(marketplace, '/');

	if (!slash)
		return NULL;
	*slash = '\0';
	return addons_find_any(x->provider->addons, marketplace, slash + 1);
}

/*
 * Read a list such as "heroku/fast-db,cloudcontrol/fast-db".  Set *is_listed if
 * own is in it.  Return false after logging the reason if the list is empty or
 * names an add-on that this host does not have.
 */
static bool read_admitted(struct exchange *x, const char *list,
			  const struct addon *own, bool *is_listed)
{
	char *rest = arena_strdup(x->arena, list);
	const char *name;

	*is_listed = false;
	do {
		const struct addon *addon;

		name = strsep(&rest, ",");
		addon = find_addon_of_host(x, name);
		if (!addon) {
			log_error(
				"a protected location admits \"%s\", which is "
				"not an add-on of this host: correct "
				"\"set $provisor_admits MARKETPLACE/ADDON;\" "
				"in nginx's configuration; see "
				"provisor-http(7)",
				name);
			return false;
		}
		*is_listed |= addon == own;
	} while (rest);
	return true;
}

/* With the query addon=LIST, a web server admits only the customers of certain
 * add-ons.  Without it, a session of any add-on is enough. */
static enum outcome check_admission(struct exchange *x, const struct addon *own)
{
	const char *query = x->query ? x->query : "";
	struct form *form = arena_alloc(x->arena, sizeof *form);
	const char *list;
	bool is_listed;

	if (form_read(x->arena, query, strlen(query), form) != OUTCOME_OK) {
		x->reason = "form";
		return OUTCOME_UNAVAILABLE;
	}
	list = form_value(form, "addon");
	if (!list)
		return OUTCOME_OK;
	if (!read_admitted(x, list, own, &is_listed)) {
		x->reason = "unknown-addon";
		return OUTCOME_UNAVAILABLE;
	}
	if (own && !is_listed)
		x->reason = "other-addon";
	return is_listed ? OUTCOME_OK : OUTCOME_UNAUTHENTICATED;
}

/* nginx responds with a page of its own, which may be shown in a frame. */
static void add_framing_header(struct exchange *x)
{
	if (x->framed_by)
		http_add_header(x,
				arena_join(x->arena, "X-Provisor-Framed-By: ",
					   x->framed_by, "\r\n"));
}

/* nginx admits a request only for 204.  It responds "not signed in" for 401 and
 * "not available" for every other status. */
enum outcome session_check(struct exchange *x)
{
	struct provider_session session;
	enum outcome found = customer_find_session(x, &session);
	enum outcome admitted =
		check_admission(x, found == OUTCOME_OK ? session.addon : NULL);
	enum outcome outcome =
		found == OUTCOME_OK || admitted == OUTCOME_UNAVAILABLE
		? admitted
		: found;

	x->is_for_browser = true;
	if (outcome == OUTCOME_UNAUTHENTICATED) {
		x->message = "You are not signed in.";
		add_framing_header(x);
	}
	if (outcome != OUTCOME_OK)
		return outcome;
	add_session_headers(x, &session);
	x->status = 204;
	return OUTCOME_OK;
}

/* ---- signing out ---- */

static enum outcome respond_signed_out(struct exchange *x, const char *sentence)
{
	http_add_header(x, session_cookie_deletion(x->arena));
	page_say(x, "You are signed out", sentence);
	return OUTCOME_OK;
}

static bool ends_all(const struct form *form)
{
	const char *everywhere = form_value(form, "everywhere");

	return everywhere && strcmp(everywhere, "1") == 0;
}

static enum outcome end_session(struct exchange *x,
				const struct provider_session *session)
{
	enum outcome outcome = provider_end_session(x->provider->db, x->arena,
						    session, x->request_id);

	return outcome == OUTCOME_OK
		? respond_signed_out(x, "You are signed out in this browser.")
		: page_refuse(x, outcome);
}

static enum outcome end_all_sessions(struct exchange *x,
				     const struct provider_session *session)
{
	const struct sign_on_event event = customer_event(x, session);
	enum outcome outcome =
		provider_end_sessions(x->provider->db, x->arena, &event);

	return outcome == OUTCOME_OK
		? respond_signed_out(x,
				     "All browsers that were signed in to this "
				     "add-on are signed out.")
		: page_refuse(x, outcome);
}

enum outcome session_end(struct exchange *x)
{
	struct form *form = arena_alloc(x->arena, sizeof *form);
	struct provider_session session;
	enum outcome outcome = customer_read_form(x, form);

	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = customer_find_session(x, &session);
	if (outcome == OUTCOME_UNAUTHENTICATED)
		return respond_signed_out(x, "Your session had already ended.");
	if (outcome != OUTCOME_OK)
		return page_refuse(x, outcome);
	if (!customer_form_matches(&session, form))
		return customer_refuse_form(x);
	return ends_all(form) ? end_all_sessions(x, &session)
			      : end_session(x, &session);
}
