#include "lib/platform/platform.h"

#include <stdlib.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/clock.h"
#include "lib/dialect/dialect.h"
#include "lib/metrics/metrics.h"
#include "lib/platform/call_form.h"
#include "lib/platform/https.h"
#include "lib/platform/platform_handle.h"
#include "lib/text/json.h"
#include "lib/text/percent.h"

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

const struct platform_config *platform_config(const struct platform *platform)
{
	return &platform->config;
}

struct platform_api platform_api_of(const struct platform_config *config,
				    const struct addon *addon)
{
	const struct dialect_api *form = addon->dialect->api;
	struct platform_api api = {
		.form = form,
		.marketplace = addon->dialect->marketplace,
		.addon = addon->id,
		.url = form->url,
		.token_url = form->token_url,
		.secret = addon->client_secret,
		.user = addon->user,
		.password = addon->passwords.values[0],
	};

	if (form->is_set_by_host) {
		api.url = config->api_url;
		api.token_url = config->token_url;
	}
	if (addon->platform_url)
		api.url = addon->platform_url;
	if (addon->token_url)
		api.token_url = addon->token_url;
	return api;
}

static void count_platform_call(const struct platform_api *api,
				enum platform_verdict verdict, int64_t total)
{
	static const char *const verdicts[] = {
		[PLATFORM_DONE] = "done",
		[PLATFORM_UNAUTHORIZED] = "unauthorized",
		[PLATFORM_FORBIDDEN] = "forbidden",
		[PLATFORM_GONE] = "gone",
		[PLATFORM_REFUSED] = "refused",
		[PLATFORM_LATER] = "later",
	};

	if (api->addon)
		metrics_platform_call(api->marketplace, api->addon,
				      verdicts[verdict], total);
}

static struct platform_response
perform_request(struct platform *platform, struct arena *arena,
		const struct platform_api *api, const char *what,
		const struct https_request *request)
{
	int64_t started = clock_now();
	struct https_response received =
		https_perform(platform->https, arena, request);
	struct platform_response response =
		platform_response_read(arena, what, &received);

	count_platform_call(api, response.verdict, clock_now() - started);
	return response;
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

struct pair {
	const char *name;
	const char *value;
};

enum { TOKEN_PAIRS = 3 };

static const char *write_form_body(struct arena *arena,
				   const struct pair fields[TOKEN_PAIRS])
{
	const char *form = "";

	for (int i = 0; i < TOKEN_PAIRS; i++)
		form = arena_printf(arena, "%s%s%s=%s", form, i > 0 ? "&" : "",
				    fields[i].name,
				    percent_encode(arena, fields[i].value));
	return form;
}

static const char *write_json_body(struct arena *arena,
				   const struct pair fields[TOKEN_PAIRS])
{
	struct json *object = json_object(arena);

	for (int i = 0; i < TOKEN_PAIRS; i++)
		json_put_text(object, fields[i].name, fields[i].value);
	return json_print(arena, object);
}

static struct platform_response
request_tokens(struct platform *platform, struct arena *arena,
	       const struct platform_api *api, const char *what,
	       const struct pair fields[TOKEN_PAIRS], int64_t deadline,
	       struct platform_tokens *tokens)
{
	bool is_json = api->form->sends_json_for_tokens;
	const char *body = is_json ? write_json_body(arena, fields)
				   : write_form_body(arena, fields);
	struct platform_response response = perform_request(
		platform, arena, api, what,
		&(struct https_request){
			.method = "POST",
			.url = api->token_url,
			.accept = api->form->accept,
			.type = is_json ? "application/json"
					: "application/x-www-form-urlencoded",
			.body = body,
			.length = strlen(body),
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
					   const struct platform_api *api,
					   const char *code, int64_t deadline,
					   struct platform_tokens *tokens)
{
	return request_tokens(platform, arena, api, "exchange of a grant",
			      (const struct pair[]){
				      { "grant_type", "authorization_code" },
				      { "code", code },
				      { "client_secret", api->secret },
			      },
			      deadline, tokens);
}

struct platform_response platform_refresh(struct platform *platform,
					  struct arena *arena,
					  const struct platform_api *api,
					  const char *refresh, int64_t deadline,
					  struct platform_tokens *tokens)
{
	return request_tokens(platform, arena, api, "refresh of a token",
			      (const struct pair[]){
				      { "grant_type", "refresh_token" },
				      { "refresh_token", refresh },
				      { "client_secret", api->secret },
			      },
			      deadline, tokens);
}

/* ---- calls ---- */

/* 100 objects fit into HTTPS_LARGEST.  By default Heroku sends 200, which might
 * not. */
#define FIRST_PAGE "id ..; max=100"

static const char *write_call_range(const struct dialect_api *form,
				    const struct platform_request *request)
{
	if (request->call == PLATFORM_LIST && !request->range)
		return form->pages_by_range ? FIRST_PAGE : NULL;
	return request->range;
}

static const char *join_url(struct arena *arena, const char *base,
			    const char *path)
{
	size_t length = strlen(base);

	while (length > 0 && base[length - 1] == '/')
		length--;
	return arena_printf(arena, "%.*s%s", (int)length, base, path);
}

static bool needs_body(enum platform_call call)
{
	return call == PLATFORM_READ || call == PLATFORM_READ_CONFIG
		|| call == PLATFORM_LIST;
}

static struct platform_response refuse_call_id(struct arena *arena,
					       const struct dialect_api *form,
					       const char *what)
{
	return platform_response_none(
		arena, PLATFORM_REFUSED, what,
		form->has_uuid ? "the id of the resource is not a UUID"
			       : "the marketplace's id of the resource is not "
				 "known");
}

static struct platform_response refuse_missing_call(struct arena *arena,
						    const char *what)
{
	return platform_response_none(arena, PLATFORM_REFUSED, what,
				      "the marketplace has no API for this");
}

static struct platform_response
make_call(struct platform *platform, struct arena *arena,
	  const struct platform_api *api, const struct dialect_call *call,
	  const struct platform_request *request)
{
	const char *body =
		call_form_write(arena, api->form, request, call->method);
	bool is_basic = api->form->authorization == DIALECT_BASIC;
	const char *what =
		arena_printf(arena, "%s %s", call->method, call->path);
	struct platform_response response = perform_request(
		platform, arena, api, what,
		&(struct https_request){
			.method = call->method,
			.url = join_url(arena, api->url, call->path),
			.accept = api->form->accept,
			.range = write_call_range(api->form, request),
			.type = body ? "application/json" : NULL,
			.body = body,
			.length = body ? strlen(body) : 0,
			.token = is_basic ? NULL : request->token,
			.user = is_basic ? api->user : NULL,
			.password = is_basic ? api->password : NULL,
			.deadline = request->deadline,
		});

	if (response.verdict != PLATFORM_DONE)
		return response;
	response.body =
		call_form_read(arena, api->form, request->call, response.body);
	if (!response.body && needs_body(request->call))
		reject_response(&response, arena, what, "the expected body");
	return response;
}

struct platform_response platform_ask(struct platform *platform,
				      struct arena *arena,
				      const struct platform_api *api,
				      const struct platform_request *request)
{
	struct dialect_call call = call_form_find(api->form, request);

	if (!call.path)
		return refuse_missing_call(arena,
					   call_form_name(request->call));
	if (request->call != PLATFORM_OTHER)
		call.path = call_form_path(arena, api->form, call.path,
					   request->id);
	if (!call.path)
		return refuse_call_id(arena, api->form, call.method);
	if (api->form->authorization == DIALECT_BEARER
	    && !platform_is_token(request->token))
		return platform_response_none(arena, PLATFORM_UNAUTHORIZED,
					      call.method,
					      "the stored token is not valid");
	return make_call(platform, arena, api, &call, request);
}

struct platform_response platform_new_grant(struct platform *platform,
					    struct arena *arena,
					    const struct platform_api *api,
					    const char *id, int64_t deadline,
					    const char **code)
{
	static const char what[] = "request for another grant";
	const char *path = api->form->new_grant.path;
	struct platform_response response;

	*code = NULL;
	if (!path)
		return refuse_missing_call(arena, what);
	path = call_form_path(arena, api->form, path, id);
	if (!path)
		return refuse_call_id(arena, api->form, what);
	response =
		perform_request(platform, arena, api, what,
				&(struct https_request){
					.method = api->form->new_grant.method,
					.url = join_url(arena, api->url, path),
					.accept = api->form->accept,
					.user = api->user,
					.password = api->password,
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
			.is_alone = true,
			.deadline = deadline,
		});

	*time = received.date;
	if (received.fault)
		return received.fault;
	return received.date < 0 ? "the response has no date" : NULL;
}
