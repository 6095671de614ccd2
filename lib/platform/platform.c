#include "lib/platform/platform.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/platform/https.h"
#include "lib/platform/platform_handle.h"
#include "lib/text/json.h"
#include "lib/text/percent.h"
#include "lib/text/uuid.h"

static const char version_3[] = "application/vnd.heroku+json; version=3";

struct platform *platform_open(const struct platform_config *config)
{
	struct platform *platform = must(calloc(1, sizeof *platform));

	platform->config = *config;
	platform->https = https_open(config->ca_file);
	return platform;
}

void platform_close(struct platform *platform)
{
	if (!platform)
		return;
	https_close(platform->https);
	free(platform);
}

const char *platform_url(const struct platform *platform)
{
	return platform->config.api_url;
}

static struct platform_response
perform_request(struct platform *platform, struct arena *arena,
		const char *what, const struct https_request *request)
{
	struct https_response received =
		https_perform(platform->https, arena, request);

	return platform_response_read(arena, what, &received);
}

/* Turn a success without the expected body into a failure. */
static void reject_response(struct platform_response *response,
			    struct arena *arena, const char *what,
			    const char *missing)
{
	response->verdict = PLATFORM_LATER;
	response->why = arena_printf(arena, "%s: status %d without %s", what,
				     response->status, missing);
}

/* ---- tokens ---- */

struct form_pair {
	const char *name;
	const char *value;
};

static const char *write_form_body(struct arena *arena,
				   const struct form_pair *fields, size_t count)
{
	const char *form = "";

	for (size_t i = 0; i < count; i++)
		form = arena_printf(arena, "%s%s%s=%s", form, i > 0 ? "&" : "",
				    fields[i].name,
				    percent_encode(arena, fields[i].value));
	return form;
}

static struct platform_response
request_tokens(struct platform *platform, struct arena *arena, const char *what,
	       const struct form_pair fields[3], int64_t deadline,
	       struct platform_tokens *tokens)
{
	const char *form = write_form_body(arena, fields, 3);
	struct platform_response response = perform_request(
		platform, arena, what,
		&(struct https_request){
			.method = "POST",
			.url = platform->config.token_url,
			.accept = version_3,
			.type = "application/x-www-form-urlencoded",
			.body = form,
			.length = strlen(form),
			.is_alone = true,
			.deadline = deadline,
		});

	if (response.verdict == PLATFORM_DONE
	    && !platform_read_tokens(response.body, tokens))
		reject_response(&response, arena, what, "an access token");
	return response;
}

struct platform_response platform_exchange(struct platform *platform,
					   struct arena *arena,
					   const char *code, const char *secret,
					   int64_t deadline,
					   struct platform_tokens *tokens)
{
	return request_tokens(platform, arena, "exchange of a grant",
			      (const struct form_pair[]){
				      { "grant_type", "authorization_code" },
				      { "code", code },
				      { "client_secret", secret },
			      },
			      deadline, tokens);
}

struct platform_response platform_refresh(struct platform *platform,
					  struct arena *arena,
					  const char *refresh,
					  const char *secret, int64_t deadline,
					  struct platform_tokens *tokens)
{
	return request_tokens(platform, arena, "refresh of a token",
			      (const struct form_pair[]){
				      { "grant_type", "refresh_token" },
				      { "refresh_token", refresh },
				      { "client_secret", secret },
			      },
			      deadline, tokens);
}

/* ---- the Platform API ---- */

/* 100 objects fit into HTTPS_LARGEST.  By default Heroku sends 200, which might
 * not. */
#define FIRST_PAGE "id ..; max=100"

static const struct {
	const char *method; /* NULL: that of the request */
	const char *path;   /* after /addons/ID; NULL: only /addons */
	/* Checks the body; NULL: the body does not matter. */
	bool (*is_expected)(const struct json *body);
} calls[] = {
	[PLATFORM_READ] = { "GET", "", json_is_object },
	[PLATFORM_READ_CONFIG] = { "GET", "/config", json_is_array },
	[PLATFORM_WRITE_CONFIG] = { "PATCH", "/config", NULL },
	[PLATFORM_PROVISIONED] = { "POST", "/actions/provision", NULL },
	[PLATFORM_DEPROVISIONED] = { "POST", "/actions/deprovision", NULL },
	[PLATFORM_OTHER] = { NULL, NULL, NULL },
	[PLATFORM_LIST] = { "GET", NULL, json_is_array },
};

/* {"config":[{"name":NAME,"value":VALUE},...]} */
static const char *write_config_body(struct arena *arena,
				     const struct json *config)
{
	struct json *body = json_object(arena);
	struct json *list = json_array(arena);
	const struct json *var = json_first(config);

	for (; var; var = json_next(var)) {
		struct json *entry = json_object(arena);

		json_put_text(entry, "name", json_name(var));
		json_put(entry, "value", var);
		json_append(list, entry);
	}
	json_put(body, "config", list);
	return json_print(arena, body);
}

static const char *write_call_body(struct arena *arena,
				   const struct platform_request *request)
{
	if (request->call == PLATFORM_WRITE_CONFIG)
		return write_config_body(arena, request->config);
	if (request->call == PLATFORM_OTHER)
		return request->body;
	return strcmp(calls[request->call].method, "POST") == 0 ? "" : NULL;
}

/* Return NULL if the id is not a UUID. */
static const char *write_call_path(struct arena *arena,
				   const struct platform_request *request)
{
	const char *path = calls[request->call].path;
	char id[UUID_LENGTH + 1];

	if (request->call == PLATFORM_OTHER)
		return request->path;
	if (!path)
		return "/addons";
	return uuid_read(request->uuid, id)
		? arena_printf(arena, "/addons/%s%s", id, path)
		: NULL;
}

static const char *write_call_range(const struct platform_request *request)
{
	if (request->call == PLATFORM_LIST && !request->range)
		return FIRST_PAGE;
	return request->range;
}

static const char *find_method(const struct platform_request *request)
{
	const char *method = calls[request->call].method;

	return method ? method : request->method;
}

static const char *join_url(struct arena *arena, const char *base,
			    const char *path)
{
	size_t length = strlen(base);

	while (length > 0 && base[length - 1] == '/')
		length--;
	return arena_printf(arena, "%.*s%s", (int)length, base, path);
}

static struct platform_response
make_call(struct platform *platform, struct arena *arena, const char *path,
	  const struct platform_request *request)
{
	const char *method = find_method(request);
	const char *body = write_call_body(arena, request);
	const char *what = arena_printf(arena, "%s %s", method, path);
	struct platform_response response = perform_request(
		platform, arena, what,
		&(struct https_request){
			.method = method,
			.url = join_url(arena, platform->config.api_url, path),
			.accept = version_3,
			.range = write_call_range(request),
			.type = body ? "application/json" : NULL,
			.body = body,
			.length = body ? strlen(body) : 0,
			.token = request->token,
			.deadline = request->deadline,
		});

	if (response.verdict == PLATFORM_DONE
	    && calls[request->call].is_expected
	    && !calls[request->call].is_expected(response.body))
		reject_response(&response, arena, what, "the expected body");
	return response;
}

struct platform_response platform_ask(struct platform *platform,
				      struct arena *arena,
				      const struct platform_request *request)
{
	const char *path = write_call_path(arena, request);
	const char *method = find_method(request);

	if (!path)
		return platform_response_none(
			arena, PLATFORM_REFUSED, method,
			"the id of the resource is not a UUID");
	if (!platform_is_token(request->token))
		return platform_response_none(arena, PLATFORM_UNAUTHORIZED,
					      method,
					      "the stored token is not valid");
	return make_call(platform, arena, path, request);
}

struct platform_response platform_new_grant(struct platform *platform,
					    struct arena *arena,
					    const char *uuid, const char *user,
					    const char *password,
					    int64_t deadline, const char **code)
{
	static const char what[] = "request for another grant";
	char id[UUID_LENGTH + 1];
	struct platform_response response;
	const char *path;

	if (!uuid_read(uuid, id))
		return platform_response_none(
			arena, PLATFORM_REFUSED, what,
			"the id of the resource is not a UUID");
	path = arena_printf(arena, "/vendor/resources/%s/oauth-grant", id);
	response = perform_request(
		platform, arena, what,
		&(struct https_request){
			.method = "GET",
			.url = join_url(arena, platform->config.api_url, path),
			.accept = version_3,
			.user = user,
			.password = password,
			.deadline = deadline,
		});
	*code = json_text(
		json_member(json_member(response.body, "oauth_grant"), "code"));
	if (response.verdict == PLATFORM_DONE && !*code)
		reject_response(&response, arena, what, "a grant");
	return response;
}

/* ---- the clock ---- */

/* A response without authorization has a date, too. */
const char *platform_read_clock(struct platform *platform, struct arena *arena,
				int64_t deadline, int64_t *time)
{
	struct https_response received = https_perform(
		platform->https, arena,
		&(struct https_request){
			.method = "GET",
			.url = join_url(arena, platform->config.api_url,
					"/addons"),
			.accept = version_3,
			.is_alone = true,
			.deadline = deadline,
		});

	*time = received.date;
	if (received.fault)
		return received.fault;
	return received.date < 0 ? "the response has no date" : NULL;
}
