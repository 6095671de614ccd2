#include "lib/verify/marketplace_calls.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/crypto/random.h"
#include "lib/crypto/secret.h"
#include "lib/text/form.h"
#include "lib/text/json.h"
#include "lib/verify/marketplace_code.h"

enum {
	TOKEN_SIZE = 24,    /* bytes */
	EXPIRES_IN = 28800, /* s, as Heroku's tokens */
	TURNS_AWAY = 2      /* calls of a busy marketplace */
};

/* clang-format off */
enum { OK = 200, UNAUTHORIZED = 401, NOT_FOUND = 404, NOT_ACCEPTABLE = 406,
       UNPROCESSABLE = 422, TOO_MANY = 429, UNAVAILABLE = 503 };
/* clang-format on */

/* A resource whose grant was exchanged. */
struct served_resource {
	struct served_resource *next;
	const char *key;
	enum marketplace_manner manner;
	const char *access, *refresh; /* tokens */
	int turned_away;
	const struct json *config; /* the array of the last PATCH, or NULL */
	bool is_provisioned;
};

struct marketplace_state {
	struct arena *arena;
	const char *secret;
	struct served_resource *resources;
};

/* A call that is being answered. */
struct served_call {
	struct marketplace_state *state;
	struct arena *arena;
	const struct marketplace_request *request;
	struct marketplace_answer answer;
};

struct marketplace_state *marketplace_state_create(struct arena *arena,
						   const char *secret)
{
	struct marketplace_state *state = arena_alloc(arena, sizeof *state);

	state->arena = arena;
	state->secret = secret;
	return state;
}

/* ---- resources ---- */

static struct served_resource *find_served(const struct marketplace_state *s,
					   const char *key)
{
	struct served_resource *r = s->resources;

	while (r && strcmp(r->key, key) != 0)
		r = r->next;
	return r;
}

static struct served_resource *
find_by_refresh_token(const struct marketplace_state *s, const char *token)
{
	struct served_resource *r = s->resources;

	while (r && !secret_equal(r->refresh, token))
		r = r->next;
	return r;
}

static struct served_resource *add_served(struct marketplace_state *s,
					  const char *key,
					  enum marketplace_manner manner)
{
	struct served_resource *r = arena_alloc(s->arena, sizeof *r);

	*r = (struct served_resource){
		.next = s->resources,
		.key = arena_strdup(s->arena, key),
		.manner = manner,
		.refresh = random_text(s->arena, TOKEN_SIZE),
	};
	s->resources = r;
	return r;
}

/* ---- answers ---- */

static void note_call(struct served_call *c, const char *key,
		      enum marketplace_call call, enum marketplace_fault fault)
{
	c->answer.has_report = true;
	if (*key)
		memcpy(c->answer.report.key, key, UUID_LENGTH);
	c->answer.report.call = call;
	c->answer.report.fault = fault;
}

static void refuse_call(struct served_call *c, int status, const char *id,
			const char *message)
{
	struct json *body = json_object(c->arena);

	json_put_text(body, "id", id);
	json_put_text(body, "message", message);
	c->answer.status = status;
	c->answer.body = body;
}

static void succeed(struct served_call *c, const struct json *body)
{
	c->answer.status = OK;
	c->answer.body = body;
}

/* ---- tokens ---- */

static void give_tokens(struct served_call *c, struct served_resource *r)
{
	struct json *body = json_object(c->arena);

	r->access = random_text(c->state->arena, TOKEN_SIZE);
	json_put_text(body, "access_token", r->access);
	json_put_text(body, "refresh_token", r->refresh);
	json_put_int(body, "expires_in", EXPIRES_IN);
	json_put_text(body, "token_type", "Bearer");
	succeed(c, body);
}

static bool has_client_secret(const struct served_call *c,
			      const struct form *form)
{
	const char *given = form_value(form, "client_secret");

	return given
		&& (!c->state->secret || secret_equal(c->state->secret, given));
}

static enum marketplace_fault judge_exchange(struct served_call *c,
					     const struct form *form,
					     const char *key,
					     enum marketplace_manner manner)
{
	if (!has_client_secret(c, form))
		return MARKETPLACE_SECRET;
	if (find_served(c->state, key))
		return MARKETPLACE_REPEATED;
	give_tokens(c, add_served(c->state, key, manner));
	return MARKETPLACE_RIGHT;
}

static void answer_exchange(struct served_call *c, const struct form *form)
{
	enum marketplace_manner manner;
	const char *key = marketplace_read_code(
		c->arena, form_value(form, "code"), &manner);

	note_call(c, key ? key : "", MARKETPLACE_EXCHANGE,
		  key ? judge_exchange(c, form, key, manner)
		      : MARKETPLACE_NO_FORM);
}

static enum marketplace_fault refresh_tokens(struct served_call *c,
					     const struct form *form,
					     struct served_resource *r)
{
	if (!has_client_secret(c, form))
		return MARKETPLACE_SECRET;
	if (r->manner == MARKETPLACE_EXPIRING)
		r->manner = MARKETPLACE_PLAIN;
	give_tokens(c, r);
	return MARKETPLACE_RIGHT;
}

static void answer_refresh(struct served_call *c, const struct form *form)
{
	struct served_resource *r = find_by_refresh_token(
		c->state, form_value(form, "refresh_token"));

	note_call(c, r ? r->key : "", MARKETPLACE_REFRESH,
		  r ? refresh_tokens(c, form, r) : MARKETPLACE_NO_FORM);
}

static void answer_token_request(struct served_call *c)
{
	struct form form;
	bool is_form =
		form_read(c->arena, c->request->body, c->request->length, &form)
		== OUTCOME_OK;
	const char *type = is_form ? form_value(&form, "grant_type") : NULL;

	refuse_call(c, UNAUTHORIZED, "unauthorized",
		    "The token request is not valid.");
	if (type && strcmp(type, "refresh_token") == 0)
		answer_refresh(c, &form);
	else if (type && strcmp(type, "authorization_code") == 0)
		answer_exchange(c, &form);
	else
		note_call(c, "", MARKETPLACE_EXCHANGE, MARKETPLACE_NO_FORM);
}

/* ---- the add-on ---- */

static enum marketplace_fault answer_addon(struct served_call *c,
					   struct served_resource *r)
{
	struct json *body = json_object(c->arena);

	json_put_text(body, "id", r->key);
	json_put_text(body, "name", "verify-a-resource");
	json_put_text(body, "state",
		      r->is_provisioned ? "provisioned" : "provisioning");
	succeed(c, body);
	return MARKETPLACE_RIGHT;
}

static enum marketplace_fault read_config(struct served_call *c,
					  struct served_resource *r)
{
	succeed(c, r->config ? r->config : json_array(c->arena));
	return MARKETPLACE_RIGHT;
}

static bool is_config(const struct json *config)
{
	const struct json *var =
		json_is_array(config) ? json_first(config) : NULL;

	while (var && json_text(json_member(var, "name"))
	       && json_member(var, "value"))
		var = json_next(var);
	return json_is_array(config) && !var;
}

/* Return an array of names and values as the text of an object. */
static const char *config_text(struct arena *arena, const struct json *config)
{
	struct json *object = json_object(arena);
	const struct json *var;

	for (var = json_first(config); var; var = json_next(var)) {
		const char *name = json_text(json_member(var, "name"));

		if (!json_member(object, name))
			json_put(object, name, json_member(var, "value"));
	}
	return json_print(arena, object);
}

static enum marketplace_fault take_config(struct served_call *c,
					  struct served_resource *r)
{
	const char *why;
	const struct json *body = json_parse(c->state->arena, c->request->body,
					     c->request->length, &why);
	const struct json *config = json_member(body, "config");

	if (!is_config(config)) {
		refuse_call(
			c, UNPROCESSABLE, "invalid_params",
			"The body must be an object with \"config\", an array "
			"of objects with name and value.");
		return MARKETPLACE_BODY;
	}
	r->config = config;
	c->answer.config = config_text(c->arena, config);
	return read_config(c, r);
}

static enum marketplace_fault end_provisioning(struct served_call *c,
					       struct served_resource *r)
{
	r->is_provisioned = true;
	(void)!answer_addon(c, r);
	return r->config ? MARKETPLACE_RIGHT : MARKETPLACE_EARLY;
}

/* ---- calls ---- */

static const struct operation {
	const char *method, *path; /* below the add-on */
	enum marketplace_call call;
	enum marketplace_fault (*run)(struct served_call *c,
				      struct served_resource *r);
} operations[] = {
	{ "GET", "", MARKETPLACE_READ, answer_addon },
	{ "GET", "/config", MARKETPLACE_READ, read_config },
	{ "PATCH", "/config", MARKETPLACE_SET_CONFIG, take_config },
	{ "POST", "/actions/provision", MARKETPLACE_PROVISION,
	  end_provisioning },
	{ "POST", "/actions/deprovision", MARKETPLACE_DEPROVISION,
	  answer_addon },
};

static bool has_access(const struct served_call *c,
		       const struct served_resource *r)
{
	static const char bearer[] = "Bearer ";
	const char *given = c->request->authorization;

	return r && strncmp(given, bearer, strlen(bearer)) == 0
		&& secret_equal(r->access, given + strlen(bearer));
}

static enum marketplace_fault turn_away(struct served_call *c,
					struct served_resource *r)
{
	if (r->manner == MARKETPLACE_EXPIRING) {
		refuse_call(c, UNAUTHORIZED, "unauthorized",
			    "The access token has expired.");
		return MARKETPLACE_TURNED_AWAY;
	}
	if (r->manner == MARKETPLACE_PLAIN || r->turned_away == TURNS_AWAY)
		return MARKETPLACE_RIGHT;
	refuse_call(c, r->turned_away++ == 0 ? UNAVAILABLE : TOO_MANY,
		    "rate_limit", "Try again.");
	c->answer.retry_after = "1";
	return MARKETPLACE_TURNED_AWAY;
}

/* Return MARKETPLACE_RIGHT if the call may go on. */
static enum marketplace_fault admit_call(struct served_call *c,
					 struct served_resource *r)
{
	if (!strstr(c->request->accept, "version=3")) {
		refuse_call(c, NOT_ACCEPTABLE, "not_acceptable",
			    "Accept must ask for version 3.");
		return MARKETPLACE_VERSION;
	}
	if (!has_access(c, r)) {
		refuse_call(c, UNAUTHORIZED, "unauthorized",
			    "The access token is not valid.");
		return MARKETPLACE_TOKEN;
	}
	return turn_away(c, r);
}

static void carry_out(struct served_call *c, const char *key,
		      const struct operation *operation)
{
	struct served_resource *r = find_served(c->state, key);
	enum marketplace_fault fault = admit_call(c, r);

	if (fault == MARKETPLACE_RIGHT)
		fault = operation->run(c, r);
	note_call(c, key, operation->call, fault);
}

static const struct operation *find_operation(const char *method,
					      const char *path)
{
	for (size_t i = 0; i < COUNT(operations); i++)
		if (strcmp(operations[i].path, path) == 0
		    && strcmp(operations[i].method, method) == 0)
			return &operations[i];
	return NULL;
}

static void answer_addon_call(struct served_call *c, const char *rest)
{
	char key[UUID_LENGTH + 1];
	const struct operation *operation = NULL;

	if (strlen(rest) >= UUID_LENGTH
	    && uuid_read(arena_strndup(c->arena, rest, UUID_LENGTH), key))
		operation =
			find_operation(c->request->method, rest + UUID_LENGTH);
	if (operation)
		carry_out(c, key, operation);
}

struct marketplace_answer
marketplace_answer(struct marketplace_state *state, struct arena *arena,
		   const struct marketplace_request *request)
{
	static const char addons[] = "/addons/";
	struct served_call c = {
		.state = state,
		.arena = arena,
		.request = request,
	};

	refuse_call(&c, NOT_FOUND, "not_found",
		    "provisor verify does not serve this.");
	if (strcmp(request->path, "/oauth/token") == 0
	    && strcmp(request->method, "POST") == 0)
		answer_token_request(&c);
	else if (strncmp(request->path, addons, strlen(addons)) == 0)
		answer_addon_call(&c, request->path + strlen(addons));
	return c.answer;
}
