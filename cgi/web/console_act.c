/*
 * console_act.c - asks before an act of the console, and carries it out.
 *
 * A GET asks, and says what would happen; the POST of its form acts, and
 * redirects.  console_acts.h has the acts.
 */
#include "cgi/web/console_view.h"

#include <ctype.h>
#include <string.h>

#include "cgi/web/console_acts.h"
#include "cgi/web/console_job.h"
#include "cgi/web/console_resource.h"
#include "cgi/web/http.h"
#include "cgi/web/page.h"
#include "lib/auth/form_token.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/clock.h"
#include "lib/provider/operator.h"
#include "lib/provider/operator_view.h"
#include "lib/provider/operator_words.h"
#include "lib/provider/pool_share.h"
#include "lib/provider/provider.h"
#include "lib/text/form.h"
#include "lib/text/html.h"
#include "lib/text/json.h"

enum { FORM_FOR = 30 * 60 * 1000 /* ms: a form can be sent */ };

/* ---- links ---- */

static bool is_possible(const struct console *c, const struct console_act *act,
			const struct json *target)
{
	const char *state = console_text(c, target, "state");

	return strstr(act->states, arena_join(c->x->arena, " ", state, " "));
}

static void put_act_links(struct console *c, struct html *page,
			  const struct console_act acts[],
			  const struct json *target, const char *path)
{
	bool is_begun = false;

	for (int i = 0; c->may_write && acts[i].name; i++) {
		if (!is_possible(c, &acts[i], target))
			continue;
		if (!is_begun)
			html_markup(page, "<p class=\"acts\">\n");
		is_begun = true;
		console_put_link(
			page, arena_join(c->x->arena, path, "/", acts[i].name),
			acts[i].title);
		html_markup(page, "\n");
	}
	if (is_begun)
		html_markup(page, "</p>\n");
}

void console_put_resource_acts(struct console *c, struct html *page,
			       const struct json *resource)
{
	const char *id = console_text(c, resource, "id");

	put_act_links(c, page, console_resource_acts, resource,
		      console_resource_path(c, id, NULL));
}

void console_put_job_acts(struct console *c, struct html *page,
			  const struct json *job)
{
	put_act_links(c, page, console_job_acts, job,
		      console_job_path(c, console_text(c, job, "id"), NULL));
}

/* ---- asking ---- */

/* A target, and the texts of its pages. */
struct target {
	const struct json *object;
	const char *noun;
	const char *id;
	const char *name; /* for people */
	const char *path; /* of its page */
};

static struct form_token token_of(const struct console *c,
				  const struct console_act *act,
				  const struct target *target)
{
	return (struct form_token){
		.actor = c->x->actor,
		.act = act->name,
		.target = target->path,
	};
}

static void put_act_form(struct console *c, struct html *page,
			 const struct console_act *act,
			 const struct target *target)
{
	const struct form_token token = token_of(c, act, target);

	html_markup(page, "<form method=\"post\"");
	html_url(page, "action",
		 arena_join(c->x->arena, target->path, "/", act->name));
	html_markup(page, ">\n<input type=\"hidden\" name=\"token\"");
	html_attribute(page, "value",
		       form_token_seal(c->x->provider->keys, c->x->arena,
				       &token, clock_wall() + FORM_FOR, ""));
	html_markup(page, ">\n");
	if (act->put_fields)
		act->put_fields(c, page, target->object);
	html_markup(page, "<p class=\"acts\"><button>");
	html_text(page, act->title);
	html_markup(page, "</button>\n");
	console_put_link(page, target->path, "Go back");
	html_markup(page, "</p>\n</form>\n");
}

static enum outcome ask(struct console *c, const struct console_act *act,
			const struct target *target)
{
	struct html *page = console_begin(c, act->title);

	html_markup(page, "<p><strong>");
	html_text(page, target->name);
	html_markup(page, "</strong> is ");
	console_put_state(page, console_text(c, target->object, "state"));
	html_markup(page, ".</p>\n<p>");
	html_text(page, act->would ? act->would : act->explain(target->object));
	html_markup(page, "</p>\n");
	put_act_form(c, page, act, target);
	page_end(c->x, page);
	return OUTCOME_OK;
}

/* ---- acting ---- */

static const char nothing_title[] = "Nothing was changed";

static enum outcome refuse_form(struct console *c, const char *reason,
				const char *sentence)
{
	c->x->reason = reason;
	return console_refuse(c, OUTCOME_FORBIDDEN, nothing_title, sentence);
}

/* Another site can make a browser send a form with the operator's password. */
static enum outcome read_form(struct console *c, const struct console_act *act,
			      const struct target *target, struct form *form)
{
	const struct form_token token = token_of(c, act, target);
	struct exchange *x = c->x;

	if (!http_is_from_our_page(x, true))
		return refuse_form(c, "origin",
				   "This form was not sent from a page of the "
				   "console.");
	if (x->body_outcome != OUTCOME_OK
	    || form_read(x->arena, x->body, x->body_length, form) != OUTCOME_OK)
		return refuse_form(c, "form", "This form cannot be read.");
	if (!form_token_open(x->provider->keys, x->arena, &token, clock_wall(),
			     form_value(form, "token")))
		return refuse_form(c, "token",
				   "This form has expired, or was made for "
				   "another operator or for another act. "
				   "Please go back, reload the page and try "
				   "again.");
	return OUTCOME_OK;
}

/* Respond with why an act has failed: a clause, or NULL after it was logged. */
static enum outcome respond_failed(struct console *c, enum outcome outcome,
				   const char *clause)
{
	size_t length = clause ? strlen(clause) : 0;
	char *sentence;

	if (length == 0)
		return console_refuse(c, outcome, nothing_title,
				      "The log has the reason. Please try "
				      "again in a moment.");
	sentence = arena_join(c->x->arena, clause,
			      clause[length - 1] == '.' ? NULL : ".");
	sentence[0] = (char)toupper((unsigned char)sentence[0]);
	return console_refuse(c, outcome, nothing_title, sentence);
}

/* Those who wait for hooks, for a marketplace, or for another change of the
 * resource leave half of the pool to others. */
static enum outcome act_in_share(struct console *c,
				 const struct console_act *act,
				 const struct target *target,
				 const struct form *form, const char **said)
{
	struct exchange *x = c->x;
	enum outcome outcome;
	int place;

	if (!pool_share_take(x->provider, x->arena, POOL_CHANGE, &place)) {
		c->act.failure = operator_words_busy;
		return OUTCOME_UNAVAILABLE;
	}
	outcome = act->carry_out(c, &c->act, target->object, form, said);
	pool_share_end(place);
	return outcome;
}

static enum outcome carry_out_act(struct console *c,
				  const struct console_act *act,
				  const struct target *target)
{
	struct form *form = arena_alloc(c->x->arena, sizeof *form);
	const char *said = NULL;
	enum outcome outcome = read_form(c, act, target, form);

	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = act_in_share(c, act, target, form, &said);
	if (outcome != OUTCOME_OK)
		return respond_failed(c, outcome, c->act.failure);
	return console_redirect(c, target->path, target->id, said);
}

/* ---- handlers ---- */

static const struct console_act *find_act(const struct console_act acts[],
					  const char *name)
{
	for (int i = 0; acts[i].name; i++)
		if (strcmp(acts[i].name, name) == 0)
			return &acts[i];
	return NULL;
}

static enum outcome serve_act(struct console *c, const struct console_act *act,
			      const struct target *target)
{
	const char *state = console_text(c, target->object, "state");

	if (!is_possible(c, act, target->object))
		return respond_failed(c, OUTCOME_INVALID,
				      arena_join(c->x->arena, "the ",
						 target->noun, " is ", state));
	return c->x->method == HTTP_POST ? carry_out_act(c, act, target)
					 : ask(c, act, target);
}

/* Set *act.  Unless the outcome is OUTCOME_OK, the response is set. */
static enum outcome require_act(struct console *c,
				const struct console_act acts[],
				const struct console_act **act)
{
	*act = find_act(acts, c->act_name);
	if (!*act)
		return console_refuse(c, OUTCOME_NOT_FOUND,
				      "This page does not exist",
				      "The console has nothing at this "
				      "address.");
	if (c->may_write)
		return OUTCOME_OK;
	c->x->reason = "read-only";
	return console_refuse(c, OUTCOME_FORBIDDEN, "The console is read-only",
			      "PROVISOR_CONSOLE=write in provisor.env lets its "
			      "users change resources and jobs.");
}

enum outcome console_resource_act(struct console *c)
{
	struct target target = { .noun = "resource" };
	struct operator_resource resource;
	const struct console_act *act;
	enum outcome outcome = require_act(c, console_resource_acts, &act);

	if (outcome == OUTCOME_OK)
		outcome = console_read_resource(c, &resource);
	if (outcome != OUTCOME_OK)
		return outcome;
	target.object = resource.resource;
	target.id = console_text(c, target.object, "id");
	target.name = console_resource_name(c, target.object);
	target.path = console_resource_path(c, target.id, NULL);
	return serve_act(c, act, &target);
}

enum outcome console_job_act(struct console *c)
{
	struct target target = { .noun = "job" };
	const struct console_act *act;
	enum outcome outcome = require_act(c, console_job_acts, &act);

	if (outcome == OUTCOME_OK)
		outcome = console_read_job(c, &target.object);
	if (outcome != OUTCOME_OK)
		return outcome;
	target.id = console_text(c, target.object, "id");
	target.name = console_job_name(c, target.object);
	target.path = console_job_path(c, target.id, NULL);
	return serve_act(c, act, &target);
}
