#include "lib/platform/manifest_api.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/platform/https.h"
#include "lib/text/json.h"
#include "lib/text/percent.h"

enum { CALL_LIMIT = 30000 /* ms */ };

/* ---- failures ---- */

/* Return the first text of a value: itself, or that of its first entry. */
static const char *first_text(const struct json *value)
{
	while (value && !json_text(value))
		value = json_first(value);
	return json_text(value);
}

/* Return what the marketplace says, as the end of a clause. */
static const char *quote_error(struct arena *arena, const struct json *body)
{
	const char *text = first_text(json_member(body, "error"));

	if (!text)
		text = json_text(json_member(body, "message"));
	return text && *text ? arena_join(arena, " (\"", text, "\")") : "";
}

/* clang-format off */
static const char remedy_refused[] =
	"correct what the response names; if it is a conflict, take the present "
	"manifest with provisor manifest pull, and make your change again";

static const struct manifest_failure {
	int first, last; /* status */
	const char *cause, *remedy;
} failures[] = {
	{ 400, 400, "the manifest is refused", remedy_refused },
	{ 401, 401, "the token is not valid",
	  "use the output of heroku authorizations:create, or the API key of your account" },
	{ 403, 403, "the account of the token may not do this",
	  "use the token of an account to which the add-on belongs" },
	{ 404, 404, "it does not exist, or the account of the token may not see it",
	  "correct the slug or the id, or use another token" },
	{ 409, 409, "the manifest is refused", remedy_refused },
	{ 422, 422, "the manifest is refused", remedy_refused },
	{ 429, 429, "there were too many requests", "try again in a minute" },
	{ 500, 599, "the marketplace failed", "try again later" },
	{ 0,   999, "this is not a response of the marketplace", "correct --host, or try again later" },
};
/* clang-format on */

static const char *explain_status(struct arena *arena, int status,
				  const struct json *body)
{
	const struct manifest_failure *f = failures;

	while (status < f->first || f->last < status)
		f++;
	return arena_printf(arena, "%s (status %d)%s: %s", f->cause, status,
			    quote_error(arena, body), f->remedy);
}

/* ---- calls ---- */

static struct manifest_reply
read_manifest_reply(struct arena *arena, const struct https_response *response)
{
	struct manifest_reply reply = { .value = NULL };
	bool is_done = response->status >= 200 && response->status < 300;
	const char *why;

	if (response->fault) {
		reply.failure = arena_printf(
			arena,
			"there is no response (%s): check the network and "
			"--host, and try again",
			response->fault);
		reply.is_unknown = response->was_sent;
		return reply;
	}
	reply.value = json_parse(arena, response->body, response->length, &why);
	reply.is_missing = response->status == 404;
	reply.is_unknown = response->status >= 500;
	if (!is_done)
		reply.failure =
			explain_status(arena, response->status, reply.value);
	return reply;
}

/* path follows the slug.  text is a body, or NULL. */
static struct manifest_reply call_manifests(const struct manifest_api *api,
					    struct arena *arena,
					    const char *method,
					    const char *slug, const char *path,
					    const char *text)
{
	const struct https_response response = https_perform(
		api->https, arena,
		&(struct https_request){
			.method = method,
			.url = arena_join(arena, api->host, "/api/v3/addons/",
					  percent_encode(arena, slug), path),
			.accept = "application/json",
			.type = "application/json",
			.body = text,
			.length = text ? strlen(text) : 0,
			.token = api->token,
			.may_be_plain = true,
			/* A push must not be repeated on its own. */
			.is_alone = true,
			.deadline = clock_now() + CALL_LIMIT,
		});

	return read_manifest_reply(arena, &response);
}

/* Replace a success whose value has another form than expected. */
static struct manifest_reply require_value(struct manifest_reply reply,
					   bool is_right)
{
	if (!reply.failure && !is_right)
		reply = (struct manifest_reply){
			.failure = "the response is not that of the "
				   "marketplace: correct --host",
		};
	return reply;
}

struct manifest_reply manifest_api_read(const struct manifest_api *api,
					struct arena *arena, const char *slug,
					const char *id)
{
	const char *path = id
		? arena_join(arena, "/manifests/", percent_encode(arena, id))
		: "/current_manifest";
	struct manifest_reply reply =
		call_manifests(api, arena, "GET", slug, path, NULL);

	reply.value = json_member(reply.value, "contents");
	return require_value(reply, json_is_object(reply.value));
}

struct manifest_reply manifest_api_list(const struct manifest_api *api,
					struct arena *arena, const char *slug)
{
	const struct manifest_reply reply =
		call_manifests(api, arena, "GET", slug, "/manifests", NULL);

	return require_value(reply, json_is_array(reply.value));
}

struct manifest_reply manifest_api_push(const struct manifest_api *api,
					struct arena *arena, const char *slug,
					const char *text)
{
	return call_manifests(api, arena, "POST", slug, "/manifests",
			      arena_join(arena, "{\"contents\":", text, "}"));
}
