/*
 * api.c - serves the calls of marketplaces.
 */
#include "cgi/web/handlers.h"

#include <string.h>

#include "cgi/web/http.h"
#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/log.h"
#include "lib/base/utf8.h"
#include "lib/dialect/dialect.h"
#include "lib/provider/notification.h"
#include "lib/provider/provider.h"
#include "lib/provider/suspension.h"
#include "lib/text/json.h"
#include "lib/text/uuid.h"

static struct provider_call begin_call(const struct exchange *x)
{
	return (struct provider_call){
		.arena = x->arena,
		.addon = x->addon,
		.request_id = x->request_id,
		.deadline = x->deadline,
		.listen_until = x->listen_until,
	};
}

/* Copy the results of a call to the exchange.  On success, the response has
 * this status. */
static enum outcome end_call(struct exchange *x,
			     const struct provider_call *call,
			     enum outcome outcome, int status)
{
	x->message = call->failure;
	x->reason = call->reason;
	x->resource_id = call->resource_id;
	x->is_repeat = call->is_repeat;
	if (outcome == OUTCOME_OK)
		x->status = status;
	else if (outcome == OUTCOME_NOT_FOUND)
		x->message = "There is no such resource.";
	return outcome;
}

/* Log an Accept header with a version other than that of the manifest, which
 * applies. */
static void log_other_version(const struct exchange *x)
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
		log_info("%s is served as %s, the version in its manifest; the "
			 "Accept header names another version",
			 x->addon->id, dialect->name);
}

static enum outcome read_api_body(struct exchange *x, const struct json **body)
{
	const char *why;

	log_other_version(x);
	if (x->body_outcome == OUTCOME_MALFORMED)
		x->message = "The body is not as long as its Content-Length "
			     "says.";
	if (x->body_outcome != OUTCOME_OK)
		return x->body_outcome;
	*body = json_parse(x->arena, x->body, x->body_length, &why);
	if (!*body)
		x->message = arena_printf(
			x->arena, "The body is not valid JSON: %s.", why);
	else if (!json_is_object(*body))
		x->message = "The body is not a JSON object.";
	return json_is_object(*body) ? OUTCOME_OK : OUTCOME_MALFORMED;
}

enum outcome api_provision(struct exchange *x, const char *id)
{
	const struct dialect *dialect = x->addon->dialect;
	struct provider_call call = begin_call(x);
	const struct json *body;
	struct provision_request request;
	struct dialect_response response;
	enum outcome outcome = read_api_body(x, &body);

	(void)id;
	if (outcome == OUTCOME_OK)
		outcome = dialect_read_provision(dialect, x->arena, body,
						 &request, &x->message);
	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = provider_provision(x->provider, &call, &request, &response);
	if (outcome == OUTCOME_OK || outcome == OUTCOME_ACCEPTED)
		x->response = dialect_write_response(x->arena, &response);
	return end_call(x, &call, outcome,
			call.is_repeat ? dialect->provisioned_again
				       : dialect->provisioned);
}

/*
 * Return the id of a path as the database stores it, with UUIDs in lower case.
 * Return NULL if no resource can have this id, because it is not UTF-8.
 */
static const char *read_resource_id(const struct exchange *x, const char *id)
{
	char *uuid = arena_alloc(x->arena, UUID_LENGTH + 1);

	if (uuid_read(id, uuid))
		return uuid;
	return utf8_is_valid(id) ? id : NULL;
}

enum outcome api_change_plan(struct exchange *x, const char *id)
{
	const struct dialect *dialect = x->addon->dialect;
	struct provider_call call = begin_call(x);
	const struct json *body;
	const char *plan;
	struct dialect_response response;
	enum outcome outcome = read_api_body(x, &body);

	if (outcome == OUTCOME_OK)
		outcome = dialect_read_plan(dialect, x->arena, body, &plan,
					    &x->message);
	if (outcome != OUTCOME_OK)
		return outcome;
	id = read_resource_id(x, id);
	outcome = id
		? provider_change_plan(x->provider, &call, id, plan, &response)
		: OUTCOME_NOT_FOUND;
	if (outcome == OUTCOME_OK || outcome == OUTCOME_ACCEPTED)
		x->response = dialect_write_response(x->arena, &response);
	return end_call(x, &call, outcome, dialect->plan_changed);
}

/* Ignore a body unless it is too large. */
enum outcome api_deprovision(struct exchange *x, const char *id)
{
	const struct dialect *dialect = x->addon->dialect;
	struct provider_call call = begin_call(x);
	enum outcome outcome;

	log_other_version(x);
	if (x->body_outcome == OUTCOME_TOO_LARGE)
		return x->body_outcome;
	id = read_resource_id(x, id);
	outcome = id ? provider_deprovision(x->provider, &call, id)
		     : OUTCOME_NOT_FOUND;
	if (outcome == OUTCOME_GONE)
		x->status = dialect->deprovisioned_again;
	else if (outcome == OUTCOME_NOT_FOUND)
		x->status = dialect->deprovisioned_unknown;
	if (outcome == OUTCOME_OK || (x->status >= 200 && x->status < 300))
		x->response = "{}";
	return end_call(x, &call, outcome, dialect->deprovisioned);
}

/* The body of these requests does not matter either. */
static enum outcome change_api_suspension(struct exchange *x, const char *id,
					  bool begins)
{
	struct provider_call call = begin_call(x);
	enum outcome outcome;

	if (x->body_outcome == OUTCOME_TOO_LARGE)
		return x->body_outcome;
	id = read_resource_id(x, id);
	outcome = id && x->addon->dialect->suspends
		? provider_suspend_for_marketplace(x->provider, &call, id,
						   begins)
		: OUTCOME_NOT_FOUND;
	return end_call(x, &call, outcome, 204);
}

enum outcome api_suspend(struct exchange *x, const char *id)
{
	return change_api_suspension(x, id, true);
}

enum outcome api_resume(struct exchange *x, const char *id)
{
	return change_api_suspension(x, id, false);
}

/* ---- notifications ---- */

/* Add-ons of several marketplaces may have the same paths. */
enum outcome api_notify(struct exchange *x, const char *id)
{
	const struct dialect *dialect = x->addon->dialect;
	struct provider_call call = begin_call(x);
	struct dialect_notification notification;
	const struct json *body;
	enum outcome outcome;

	(void)id;
	if (!dialect->read_notification)
		return OUTCOME_NOT_FOUND;
	outcome = read_api_body(x, &body);
	if (outcome != OUTCOME_OK)
		return outcome;
	if (!dialect->read_notification(x->arena, body, &notification,
					&x->message))
		return OUTCOME_INVALID;
	outcome = provider_notify(x->provider, &call, &notification);
	if (outcome == OUTCOME_OK)
		x->response = "{}";
	return end_call(x, &call, outcome, 200);
}
