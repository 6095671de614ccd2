/*
 * local.c - the local API, for the vendor's other programs (provisor-api(7)).
 */
#include "cgi/web/local.h"

#include <ctype.h>
#include <string.h>

#include "cgi/web/http.h"
#include "lib/base/arena.h"
#include "lib/provider/operator_words.h"
#include "lib/provider/pool_share.h"
#include "lib/provider/provider.h"
#include "lib/text/json.h"
#include "lib/text/number.h"

/* ---- requests ---- */

enum outcome local_refuse(struct exchange *x, enum outcome outcome,
			  const char *why)
{
	if (why)
		x->message =
			arena_printf(x->arena, "%c%s.",
				     toupper((unsigned char)*why), why + 1);
	return outcome;
}

static bool is_query_name(const char *const names[], const char *name)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names;
}

enum outcome local_read_query(struct exchange *x, const char *const names[],
			      struct form *query)
{
	const char *text = x->query ? x->query : "";
	enum outcome outcome = form_read(x->arena, text, strlen(text), query);

	for (int i = 0; outcome == OUTCOME_OK && i < query->count; i++) {
		const char *name = query->fields[i].name;

		if (!is_query_name(names, name) || form_count(query, name) > 1)
			return local_refuse(
				x, OUTCOME_INVALID,
				arena_printf(x->arena,
					     "the parameter %s is not known, "
					     "or is given twice",
					     name));
	}
	return outcome;
}

enum outcome local_read_number(struct exchange *x, const struct form *query,
			       const char *name, int64_t least, int64_t most,
			       int64_t *number)
{
	const char *text = form_value(query, name);

	if (!text || number_read(text, least, most, number))
		return OUTCOME_OK;
	return local_refuse(x, OUTCOME_INVALID,
			    arena_printf(x->arena,
					 "the parameter %s must be a number "
					 "from %lld to "
					 "%lld",
					 name, (long long)least,
					 (long long)most));
}

const char *local_write_page(struct arena *arena, const char *name,
			     const struct json_rows *rows, const char *next)
{
	struct json *list = json_array(arena);

	for (int i = 0; i < rows->count; i++)
		json_append(list, rows->list[i]);
	return arena_printf(arena, "{\"%s\":%s,\"next\":%s}", name,
			    json_print(arena, list), next);
}

/* ---- routes ---- */

/* clang-format off */
static const struct local_route {
	unsigned int methods;
	const char *pattern; /* :id is any segment */
	enum outcome (*handle)(struct exchange *x, const char *id);
} local_routes[] = {
	{ HTTP_GET | HTTP_HEAD, "/v1/resources",            local_list_resources },
	{ HTTP_GET | HTTP_HEAD, "/v1/resources/:id",        local_show_resource },
	{ HTTP_PATCH,           "/v1/resources/:id/config", local_change_config },
	{ HTTP_POST,            "/v1/resources/:id/rotate", local_rotate },
	{ HTTP_POST,            "/v1/resources/:id/suspend", local_suspend },
	{ HTTP_POST,            "/v1/resources/:id/resume", local_resume },
	{ HTTP_POST,            "/v1/resources/:id/deprovision", local_deprovision },
	{ HTTP_POST,            "/v1/resources/:id/restore", local_restore },
	{ HTTP_POST,            "/v1/resources/:id/token",  local_token },
	{ HTTP_GET,             "/v1/events",               local_events },
};
/* clang-format on */

/* Return true if the segments of the path are those of the pattern.  Set *id to
 * the segment in the place of :id. */
static bool matches_pattern(const struct url_path *path, const char *pattern,
			    const char **id)
{
	*id = NULL;
	for (int i = 0; i < path->count; i++) {
		const char *segment = path->segments[i];
		size_t length = *pattern ? strcspn(pattern + 1, "/") : 0;

		if (length == 0 || !*segment)
			return false;
		if (pattern[1] == ':')
			*id = segment;
		else if (strlen(segment) != length
			 || strncmp(segment, pattern + 1, length) != 0)
			return false;
		pattern += length + 1;
	}
	return path->count > 0 && !*pattern && !path->ends_in_slash;
}

/* A change waits for hooks, for a marketplace, and for the end of other changes
 * of the resource. */
static enum outcome serve_change(struct exchange *x,
				 const struct local_route *route,
				 const char *id)
{
	enum outcome outcome;
	int place;

	if (!pool_share_take(x->provider, x->arena, POOL_CHANGE, &place))
		return local_refuse(x, OUTCOME_UNAVAILABLE,
				    operator_words_busy);
	outcome = route->handle(x, id);
	pool_share_end(place);
	return outcome;
}

bool local_is_meant(const struct exchange *x)
{
	return x->server && strcmp(x->server, "local") == 0;
}

enum outcome local_serve(struct exchange *x)
{
	const struct local_route *found = NULL;
	const char *id = NULL, *given;

	for (size_t i = 0; i < COUNT(local_routes); i++) {
		const struct local_route *route = &local_routes[i];

		if (!matches_pattern(&x->path, route->pattern, &given))
			continue;
		x->route = route->pattern;
		x->allowed |= route->methods;
		if (!(route->methods & x->method))
			continue;
		found = route;
		id = given;
	}
	if (!found)
		return x->allowed ? OUTCOME_WRONG_METHOD : OUTCOME_NOT_FOUND;
	if (x->body_outcome != OUTCOME_OK)
		return x->body_outcome;
	return x->method & (HTTP_PATCH | HTTP_POST) ? serve_change(x, found, id)
						    : found->handle(x, id);
}
