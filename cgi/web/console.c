#include "cgi/web/console.h"

#include <string.h>

#include "cgi/web/console_view.h"
#include "cgi/web/http.h"
#include "cgi/web/page.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/utf8.h"
#include "lib/provider/provider.h"
#include "lib/settings/settings.h"
#include "lib/text/form.h"

enum { MOST_NAME = 128 /* bytes, of an operator's name */ };

/* ---- style ---- */

extern const char asset_style_css[], asset_console_css[];

static enum outcome respond_style(struct exchange *x)
{
	x->type = "text/css; charset=utf-8";
	x->response = arena_join(x->arena, asset_style_css, asset_console_css);
	return OUTCOME_OK;
}

/* ---- paths ---- */

/* In a pattern, ":id" and ":act" stand for any segment.  The first pattern that
 * fits counts. */
/* clang-format off */
static const struct console_route {
	const char *pattern;
	unsigned int methods;
	enum outcome (*handle)(struct console *c);
} console_routes[] = {
	{ "/console",                       HTTP_GET | HTTP_HEAD, console_find },
	{ "/console/jobs",                  HTTP_GET | HTTP_HEAD, console_jobs },
	{ "/console/jobs/:id",              HTTP_GET | HTTP_HEAD, console_job },
	{ "/console/resources/:id",         HTTP_GET | HTTP_HEAD, console_resource },
	{ "/console/resources/:id/history", HTTP_GET | HTTP_HEAD, console_history },
	{ "/console/resources/:id/jobs",    HTTP_GET | HTTP_HEAD, console_resource_jobs },
	{ "/console/resources/:id/:act",    HTTP_GET | HTTP_HEAD | HTTP_POST, console_resource_act },
	{ "/console/jobs/:id/:act",         HTTP_GET | HTTP_HEAD | HTTP_POST, console_job_act },
};
/* clang-format on */

/* Return true if a segment of a pattern, which ends at a slash, fits. */
static bool segment_fits(struct console *c, const char *pattern, size_t length,
			 const char *segment)
{
	if (length == strlen(":id") && strncmp(pattern, ":id", length) == 0)
		c->id = segment;
	else if (length == strlen(":act")
		 && strncmp(pattern, ":act", length) == 0)
		c->act_name = segment;
	else
		return strlen(segment) == length
			&& strncmp(pattern, segment, length) == 0;
	return true;
}

static bool path_fits(struct console *c, const char *pattern)
{
	const struct url_path *path = &c->x->path;
	int i = 0;

	for (; *pattern == '/'; i++) {
		size_t length = strcspn(++pattern, "/");

		if (i >= path->count
		    || !segment_fits(c, pattern, length, path->segments[i]))
			return false;
		pattern += length;
	}
	return i == path->count;
}

static const struct console_route *find_route(struct console *c)
{
	for (size_t i = 0; i < COUNT(console_routes); i++)
		if (path_fits(c, console_routes[i].pattern))
			return &console_routes[i];
	return NULL;
}

static bool read_query(struct console *c)
{
	const char *query = c->x->query ? c->x->query : "";
	struct form *form = arena_alloc(c->x->arena, sizeof *form);

	c->query = form;
	return form_read(c->x->arena, query, strlen(query), form) == OUTCOME_OK;
}

static enum outcome serve_page(struct console *c)
{
	const struct console_route *route = find_route(c);
	struct exchange *x = c->x;

	if (!route || !read_query(c))
		return console_refuse(c, OUTCOME_NOT_FOUND,
				      "This page does not exist",
				      "The console has nothing at this "
				      "address.");
	x->route = route->pattern;
	x->allowed = route->methods;
	if (!(x->method & route->methods))
		return console_refuse(c, OUTCOME_WRONG_METHOD,
				      "This is not possible",
				      "This page takes no requests of this "
				      "kind.");
	return route->handle(c);
}

/* ---- access ---- */

bool console_is_meant(const struct exchange *x)
{
	return x->server && strcmp(x->server, "console") == 0;
}

/* The name becomes the actor of events. */
static bool is_valid_name(const char *name)
{
	size_t length = name ? strlen(name) : 0;

	if (length == 0 || length > MOST_NAME)
		return false;
	while (length > 0) {
		size_t taken = utf8_take(name, length);

		if (taken == 0 || utf8_is_control(name, taken))
			return false;
		name += taken;
		length -= taken;
	}
	return true;
}

static enum outcome refuse_access(struct console *c, const char *reason,
				  const char *title, const char *sentence)
{
	c->x->reason = reason;
	return console_refuse(c, OUTCOME_FORBIDDEN, title, sentence);
}

enum outcome console_serve(struct exchange *x)
{
	enum console_access access = x->provider->settings->console;
	struct console c = { .x = x, .may_write = access == CONSOLE_WRITE };

	x->route = "/console";
	if (x->path_outcome == OUTCOME_OK && path_fits(&c, "/console.css"))
		return respond_style(x);
	if (access == CONSOLE_OFF)
		return refuse_access(&c, "console-off", "The console is off",
				     "To switch it on, set PROVISOR_CONSOLE to "
				     "read or write in provisor.env, and run "
				     "provisor reload.");
	if (!is_valid_name(x->operator))
		return refuse_access(&c, "no-operator",
				     "You have not logged in",
				     "The web server does not say who you are. "
				     "See CONSOLE in provisor-operate(7).");
	x->actor = arena_join(x->arena, "console:", x->operator);
	c.act = (struct operator_act){
		.arena = x->arena,
		.actor = x->actor,
		.request_id = x->request_id,
		.deadline = x->deadline - HTTP_RESPONSE_TIME,
	};
	if (x->path_outcome != OUTCOME_OK)
		return console_refuse(&c, x->path_outcome,
				      "This page does not exist",
				      "The address cannot be read.");
	return serve_page(&c);
}
