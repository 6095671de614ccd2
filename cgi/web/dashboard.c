/*
 * dashboard.c - the page about a resource, for vendors without a dashboard.
 */
#include "cgi/web/handlers.h"

#include <string.h>

#include "cgi/web/customer.h"
#include "cgi/web/http.h"
#include "cgi/web/page.h"
#include "lib/addon/addon.h"
#include "lib/addon/sign_on_target.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/provider/provider.h"
#include "lib/provider/resource_page.h"
#include "lib/text/form.h"
#include "lib/text/html.h"
#include "lib/text/json.h"

/* ---- facts ---- */

static void put_fact(struct html *page, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	html_markup(page, "<dt>");
	html_text(page, name);
	html_markup(page, "</dt><dd>");
	html_text(page, value);
	html_markup(page, "</dd>\n");
}

/* Return "us-east-1 (Amazon Web Services)" for
 * "amazon-web-services::us-east-1". */
static const char *region_text(struct arena *arena, const char *region)
{
	static const char amazon[] = "amazon-web-services::";

	if (!region)
		return NULL;
	if (strcmp(region, "us") == 0)
		return "United States";
	if (strcmp(region, "eu") == 0)
		return "Europe";
	if (strncmp(region, amazon, strlen(amazon)) == 0)
		return arena_printf(arena, "%s (Amazon Web Services)",
				    region + strlen(amazon));
	return region;
}

/* Return "basic, changing to premium since 2026-11-30 06:00 UTC". */
static const char *plan_text(struct arena *arena, const char *plan,
			     const struct plan_promise *change)
{
	return change->plan ? arena_printf(arena, "%s, changing to %s since %s",
					   plan, change->plan, change->since)
			    : plan;
}

static const char *state_text(const char *state)
{
	if (strcmp(state, "provisioning") == 0)
		return "Being set up";
	return strcmp(state, "suspended") == 0 ? "Suspended" : "Ready";
}

/* Show the times, leaving out those that equal an earlier one. */
static void put_times(struct html *page,
		      const struct sign_on_resource *resource)
{
	const char *created = resource->created_at;
	const char *ready = resource->provisioned_at;
	const char *changed = resource->updated_at;

	put_fact(page, "Created", created);
	if (ready && strcmp(ready, created) != 0)
		put_fact(page, "Ready since", ready);
	if (strcmp(changed, created) != 0
	    && (!ready || strcmp(changed, ready) != 0))
		put_fact(page, "Last changed", changed);
}

static void put_facts(struct exchange *x, struct html *page,
		      const struct provider_session *session,
		      const struct plan_promise *change)
{
	const struct sign_on_resource *resource = &session->resource;

	html_markup(page, "<dl>\n");
	put_fact(page, "Add-on", session->cookie.addon);
	put_fact(page, "Plan", plan_text(x->arena, resource->plan, change));
	put_fact(page, "Region", region_text(x->arena, resource->region));
	put_fact(page, "Status", state_text(resource->state));
	put_fact(page, "App", session->cookie.app);
	put_times(page, resource);
	put_fact(page, "ID", resource->provider_id);
	html_markup(page, "</dl>\n");
}

static void put_vendor_dashboard(struct exchange *x, struct html *page,
				 const struct provider_session *session)
{
	const struct sign_on_target_values values = {
		.id = session->resource.provider_id,
		.context_app = session->cookie.app,
	};

	if (!x->addon->dashboard)
		return;
	html_markup(page, "<p><a");
	html_url(page, "href",
		 sign_on_target_fill(x->arena, x->addon->dashboard, &values));
	html_markup(page, ">Open the dashboard</a></p>\n");
}

/* ---- forms; each names the resource that it was made for ---- */

static void begin_form(struct html *page, const char *action,
		       const struct provider_session *session)
{
	html_markup(page, "<form method=\"post\"");
	html_url(page, "action", action);
	html_markup(page, ">\n<input type=\"hidden\" name=\"resource\"");
	html_attribute(page, "value", session->resource.id);
	html_markup(page, ">\n");
}

static void put_show_form(struct html *page,
			  const struct provider_session *session)
{
	begin_form(page, "/dashboard", session);
	html_markup(page,
		    "<button>Show values</button>\n"
		    "<p class=\"quiet\">Showing values is recorded in the "
		    "history.</p>\n</form>\n");
}

static void put_end_form(struct html *page,
			 const struct provider_session *session)
{
	html_markup(page, "<h2>Sign out</h2>\n");
	begin_form(page, "/session/end", session);
	html_markup(page,
		    "<label><input type=\"checkbox\" name=\"everywhere\" "
		    "value=\"1\"> All users, in all browsers</label>\n"
		    "<button>Sign out</button>\n</form>\n");
}

/* ---- config ---- */

static void put_config(struct html *page,
		       const struct provider_session *session,
		       const struct json *config, bool is_revealed)
{
	const struct json *entry;

	html_markup(page, "<h2>Config vars</h2>\n");
	if (json_count(config) == 0) {
		html_markup(page,
			    "<p class=\"quiet\">This resource has no config "
			    "vars.</p>\n");
		return;
	}
	html_markup(page, "<dl>\n");
	for (entry = json_first(config); entry; entry = json_next(entry)) {
		html_markup(page, "<dt><code>");
		html_text(page, json_name(entry));
		html_markup(page, "</code></dt><dd>");
		if (is_revealed) {
			html_markup(page, "<code>");
			html_text(page, json_text(entry));
			html_markup(page, "</code>");
		} else {
			html_markup(page,
				    "<span class=\"quiet\">hidden</span>");
		}
		html_markup(page, "</dd>\n");
	}
	html_markup(page, "</dl>\n");
	if (!is_revealed)
		put_show_form(page, session);
}

/* ---- history ---- */

static const char *event_title(const char *what)
{
	static const struct {
		const char *what;
		const char *title;
	} known[] = {
		{ "provisioning", "Requested" },
		{ "promised", "Setup started" },
		{ "created", "Setup finished" },
		{ "provisioned", "Provisioned" },
		{ "imported", "Imported" },
		{ "plan-changed", "Plan changed" },
		{ "plan-change-promised", "Plan change started" },
		{ "plan-change-withdrawn", "Plan change withdrawn" },
		{ "plan-change-refused", "Plan change refused" },
		{ "plan-change-reverted", "Plan change undone" },
		{ "config-set", "Config vars changed" },
		{ "config-rotated", "Credentials replaced" },
		{ "unreadable-erased", "Unreadable values erased" },
		{ "config-pushed", "Config vars sent to the marketplace" },
		{ "claim-lost", "Check requested" },
		{ "verified", "Checked" },
		{ "config-differed", "Other config vars found" },
		{ "signed-on", "Signed in" },
		{ "sign-on-refused", "Sign-in refused" },
		{ "config-revealed", "Values shown" },
		{ "suspended", "Suspended" },
		{ "resume-requested", "Resumption requested" },
		{ "resumed", "In use again" },
		{ "restore-requested", "Restore requested" },
		{ "restored", "Restored" },
		{ "restore-refused", "Restore refused" },
		{ "move-requested", "Move requested" },
		{ "moved", "Moved" },
		{ "move-refused", "Move refused" },
		{ "sessions-ended", "All sessions ended" },
	};

	for (size_t i = 0; i < COUNT(known); i++)
		if (strcmp(known[i].what, what) == 0)
			return known[i].title;
	return what;
}

static void put_detail(struct html *page, const char *before, const char *text)
{
	if (!text)
		return;
	html_text(page, before);
	html_text(page, text);
}

/* Return the name of the customer who caused an event.  Return NULL for other
 * actors: customers do not see who acted for the vendor. */
static const char *customer_of(const struct json *event)
{
	static const char prefix[] = "customer:";
	const char *actor = json_text(json_member(event, "actor"));

	return actor && strncmp(actor, prefix, strlen(prefix)) == 0
		? actor + strlen(prefix)
		: NULL;
}

static void put_event(struct exchange *x, struct html *page,
		      const struct json *event)
{
	const struct json *before = json_member(event, "before");
	const struct json *after = json_member(event, "after");

	html_markup(page, "<li>");
	html_text(page, event_title(json_text(json_member(event, "event"))));
	put_detail(page, ", from ", json_text(json_member(before, "plan")));
	put_detail(page, json_is_object(before) ? " to " : ", plan ",
		   json_text(json_member(after, "plan")));
	put_detail(page, ": ", customer_of(event));
	html_markup(page, " ");
	page_put_time(x, page, json_text(json_member(event, "at")));
	html_markup(page, "</li>\n");
}

static void put_history(struct exchange *x, struct html *page,
			const struct json_rows *events)
{
	html_markup(page, "<h2>History</h2>\n<ol>\n");
	for (int i = events->count - 1; i >= 0; i--)
		put_event(x, page, events->list[i]);
	html_markup(page, "</ol>\n");
}

/* ---- the page ---- */

static void put_page(struct exchange *x, const struct provider_session *session,
		     const struct provider_page *content)
{
	const struct sign_on_resource *resource = &session->resource;
	struct html *page = page_begin(
		x, resource->name ? resource->name : session->cookie.addon);

	if (session->cookie.email) {
		html_markup(page, "<p class=\"quiet\">Signed in as ");
		html_text(page, session->cookie.email);
		html_markup(page, "</p>\n");
	}
	put_vendor_dashboard(x, page, session);
	put_facts(x, page, session, &content->change);
	put_config(page, session, content->config, content->is_revealed);
	put_history(x, page, &content->events);
	put_end_form(page, session);
	page_end(x, page);
}

/* Return true for the page that dashboard_reveal() redirects to.  A browser can
 * reload this page without sending the form again. */
static bool shows_values(const struct exchange *x)
{
	return x->query && strcmp(x->query, "values=shown") == 0;
}

enum outcome dashboard_show(struct exchange *x)
{
	struct provider_session session;
	struct provider_page content;
	struct sign_on_event viewer;
	enum outcome outcome = customer_find_session(x, &session);

	if (outcome != OUTCOME_OK)
		return page_refuse(x, outcome);
	viewer = customer_event(x, &session);
	outcome =
		provider_read_page(x->provider, x->arena, &session,
				   shows_values(x) ? &viewer : NULL, &content);
	if (outcome != OUTCOME_OK)
		return page_refuse(x, outcome);
	put_page(x, &session, &content);
	return OUTCOME_OK;
}

enum outcome dashboard_reveal(struct exchange *x)
{
	struct form *form = arena_alloc(x->arena, sizeof *form);
	struct provider_session session;
	struct sign_on_event viewer;
	enum outcome outcome = customer_read_form(x, form);

	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = customer_find_session(x, &session);
	if (outcome != OUTCOME_OK)
		return page_refuse(x, outcome);
	if (!customer_form_matches(&session, form))
		return customer_refuse_form(x);
	viewer = customer_event(x, &session);
	outcome =
		provider_reveal_to_customer(x->provider->db, x->arena, &viewer);
	if (outcome != OUTCOME_OK)
		return page_refuse(x, outcome);
	http_add_header(x, "Location: /dashboard?values=shown\r\n");
	x->status = 303;
	page_say(x, "The values are shown", "You are being redirected.");
	return OUTCOME_OK;
}

extern const char asset_style_css[]; /* style.css, embedded by the build */

enum outcome dashboard_style(struct exchange *x)
{
	x->type = "text/css; charset=utf-8";
	x->response = asset_style_css;
	return OUTCOME_OK;
}
