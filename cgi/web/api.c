/*
 * api.c - what marketplaces call.
 */
#include "cgi/web/handlers.h"

#include <string.h>

#include "cgi/web/http.h"
#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"
#include "lib/text/json.h"
#include "lib/base/log.h"
#include "lib/provider/provider.h"
#include "lib/text/utf8.h"
#include "lib/text/uuid.h"

static struct provider_call call_of(const struct exchange *x)
{
	return (struct provider_call){
		.arena = x->arena,
		.addon = x->addon,
		.request_id = x->request_id,
		.deadline = x->deadline,
		.listen_until = x->listen_until,
	};
}

/* Take over what the provider said of its call. */
static enum outcome finish(struct exchange *x, const struct provider_call *call,
			   enum outcome outcome, int status)
{
	x->complaint = call->complaint;
	x->resource_id = call->resource_id;
	x->is_repeat = call->is_repeat;
	if (outcome == OUTCOME_OK)
		x->status = status;
	else if (outcome == OUTCOME_NOT_FOUND)
		x->complaint = "There is no such resource.";
	return outcome;
}

/* The manifest's version decides, whatever this header says. */
static void note_accept(const struct exchange *x)
{
	static const char parameter[] = "version=";
	const struct dialect *dialect = x->addon->dialect;
	const char *version =
		x->accept ? strcasestr(x->accept, parameter) : NULL;
	size_t length;

	if (!version)
		return;
	version += strlen(parameter);
	length = strcspn(version, "; ,");
	if (length != strlen(dialect->version)
	    || strncmp(version, dialect->version, length) != 0)
		log_info("%s is served as %s, as its manifest says, though the "
			 "request asks for another version",
			 x->addon->id, dialect->name);
}

static enum outcome read_body(struct exchange *x, const struct json **body)
{
	const char *why;

	note_accept(x);
	if (x->body_outcome == OUTCOME_MALFORMED)
		x->complaint = "The body is not as long as its Content-Length "
			       "says.";
	if (x->body_outcome != OUTCOME_OK)
		return x->body_outcome;
	*body = json_parse(x->arena, x->body, x->body_length, &why);
	if (!*body)
		x->complaint = arena_printf(
			x->arena, "The body is not proper JSON: %s.", why);
	else if (!json_is_object(*body))
		x->complaint = "The body is not a JSON object.";
	return json_is_object(*body) ? OUTCOME_OK : OUTCOME_MALFORMED;
}

enum outcome api_provision(struct exchange *x, const char *id)
{
	const struct dialect *dialect = x->addon->dialect;
	struct provider_call call = call_of(x);
	const struct json *body;
	struct provision_request wanted;
	struct dialect_response answer;
	enum outcome outcome = read_body(x, &body);

	(void)id;
	if (outcome == OUTCOME_OK)
		outcome = dialect_read_provision(dialect, x->arena, body,
						 &wanted, &x->complaint);
	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = provider_provision(x->provider, &call, &wanted, &answer);
	if (outcome == OUTCOME_OK || outcome == OUTCOME_ACCEPTED)
		x->answer = dialect_write_response(x->arena, &answer);
	return finish(x, &call, outcome, dialect->provisioned);
}

/*
 * The id of a path as it is kept, UUIDs in lower case.  NULL for one that no
 * resource can have: not UTF-8, or no UUID where the dialect knows only those.
 */
static const char *read_id(struct exchange *x, const char *id)
{
	char *uuid = arena_alloc(x->arena, UUID_LENGTH + 1);

	if (uuid_read(id, uuid))
		return uuid;
	return x->addon->dialect->path_has_key || !utf8_is_valid(id) ? NULL
								     : id;
}

enum outcome api_change_plan(struct exchange *x, const char *id)
{
	const struct dialect *dialect = x->addon->dialect;
	struct provider_call call = call_of(x);
	const struct json *body;
	const char *plan;
	struct dialect_response answer;
	enum outcome outcome = read_body(x, &body);

	if (outcome == OUTCOME_OK)
		outcome = dialect_read_plan(dialect, x->arena, body, &plan,
					    &x->complaint);
	if (outcome != OUTCOME_OK)
		return outcome;
	id = read_id(x, id);
	outcome = id
		? provider_change_plan(x->provider, &call, id, plan, &answer)
		: OUTCOME_NOT_FOUND;
	if (outcome == OUTCOME_OK)
		x->answer = dialect_write_response(x->arena, &answer);
	return finish(x, &call, outcome, dialect->plan_changed);
}

/* A body is allowed and means nothing; one that is too large is refused. */
enum outcome api_deprovision(struct exchange *x, const char *id)
{
	const struct dialect *dialect = x->addon->dialect;
	struct provider_call call = call_of(x);
	enum outcome outcome;

	note_accept(x);
	if (x->body_outcome == OUTCOME_TOO_LARGE)
		return x->body_outcome;
	id = read_id(x, id);
	outcome = id ? provider_deprovision(x->provider, &call, id)
		     : OUTCOME_NOT_FOUND;
	if (outcome == OUTCOME_GONE)
		x->status = dialect->deprovisioned_again;
	if (outcome == OUTCOME_OK
	    || (outcome == OUTCOME_GONE && x->status < 300))
		x->answer = "{}";
	return finish(x, &call, outcome, dialect->deprovisioned);
}
