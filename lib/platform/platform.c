#include "lib/platform/platform.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/clock.h"
#include "lib/platform/https.h"
#include "lib/platform/logplex.h"
#include "lib/platform/outbound_host.h"
#include "lib/text/json.h"
#include "lib/text/percent.h"
#include "lib/text/url.h"
#include "lib/text/uuid.h"

static const char version_3[] = "application/vnd.heroku+json; version=3";

struct platform {
	struct platform_config config;
	struct https *https;
};

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

static struct platform_answer perform(struct platform *platform,
				      struct arena *arena, const char *what,
				      const struct https_request *request)
{
	struct https_reply reply =
		https_perform(platform->https, arena, request);

	return platform_judge(arena, what, &reply);
}

/* A success without what was asked for is none. */
static void take_back(struct platform_answer *answer, struct arena *arena,
		      const char *what, const char *missing)
{
	answer->verdict = PLATFORM_LATER;
	answer->why = arena_printf(arena, "%s: status %d without %s", what,
				   answer->status, missing);
}

/* ---- tokens ---- */

struct field {
	const char *name;
	const char *value;
};

static const char *write_form(struct arena *arena, const struct field *fields,
			      size_t count)
{
	const char *form = "";

	for (size_t i = 0; i < count; i++)
		form = arena_printf(arena, "%s%s%s=%s", form, i > 0 ? "&" : "",
				    fields[i].name,
				    percent_encode(arena, fields[i].value));
	return form;
}

static struct platform_answer
ask_for_tokens(struct platform *platform, struct arena *arena, const char *what,
	       const struct field fields[3], int64_t deadline,
	       struct platform_tokens *tokens)
{
	const char *form = write_form(arena, fields, 3);
	struct platform_answer answer =
		perform(platform, arena, what,
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

	if (answer.verdict == PLATFORM_DONE
	    && !platform_read_tokens(answer.body, tokens))
		take_back(&answer, arena, what, "an access token");
	return answer;
}

struct platform_answer platform_exchange(struct platform *platform,
					 struct arena *arena, const char *code,
					 const char *secret, int64_t deadline,
					 struct platform_tokens *tokens)
{
	return ask_for_tokens(platform, arena, "exchange of a grant",
			      (const struct field[]){
				      { "grant_type", "authorization_code" },
				      { "code", code },
				      { "client_secret", secret },
			      },
			      deadline, tokens);
}

struct platform_answer platform_refresh(struct platform *platform,
					struct arena *arena,
					const char *refresh, const char *secret,
					int64_t deadline,
					struct platform_tokens *tokens)
{
	return ask_for_tokens(platform, arena, "refresh of a token",
			      (const struct field[]){
				      { "grant_type", "refresh_token" },
				      { "refresh_token", refresh },
				      { "client_secret", secret },
			      },
			      deadline, tokens);
}

/* ---- the Platform API ---- */

typedef bool shape_fn(const struct json *value);

/* A page of a list fits into HTTPS_LARGEST, where the 200 objects that Heroku
 * gives unasked might not. */
#define FIRST_PAGE "id ..; max=100"

static const struct {
	const char *method;
	const char *path; /* behind /addons/ID; NULL: /addons alone */
	shape_fn *shape;  /* of a body without which the call was in vain */
} calls[] = {
	[PLATFORM_READ] = { "GET", "", json_is_object },
	[PLATFORM_READ_CONFIG] = { "GET", "/config", json_is_array },
	[PLATFORM_WRITE_CONFIG] = { "PATCH", "/config", NULL },
	[PLATFORM_PROVISIONED] = { "POST", "/actions/provision", NULL },
	[PLATFORM_DEPROVISIONED] = { "POST", "/actions/deprovision", NULL },
	[PLATFORM_LIST] = { "GET", NULL, json_is_array },
};

/* {"config":[{"name":NAME,"value":VALUE},...]} */
static const char *write_config(struct arena *arena, const struct json *config)
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

static const char *write_body(struct arena *arena,
			      const struct platform_question *question)
{
	if (question->call == PLATFORM_WRITE_CONFIG)
		return write_config(arena, question->config);
	return strcmp(calls[question->call].method, "POST") == 0 ? "" : NULL;
}

/* NULL: the id is no UUID. */
static const char *write_path(struct arena *arena,
			      const struct platform_question *question)
{
	const char *path = calls[question->call].path;
	char id[UUID_LENGTH + 1];

	if (!path)
		return "/addons";
	return uuid_read(question->uuid, id)
		? arena_printf(arena, "/addons/%s%s", id, path)
		: NULL;
}

static const char *write_range(const struct platform_question *question)
{
	if (question->call != PLATFORM_LIST)
		return NULL;
	return question->range ? question->range : FIRST_PAGE;
}

static const char *write_url(struct arena *arena, const char *base,
			     const char *path)
{
	size_t length = strlen(base);

	while (length > 0 && base[length - 1] == '/')
		length--;
	return arena_printf(arena, "%.*s%s", (int)length, base, path);
}

static struct platform_answer ask(struct platform *platform,
				  struct arena *arena, const char *path,
				  const struct platform_question *question)
{
	const char *method = calls[question->call].method;
	const char *body = write_body(arena, question);
	const char *what = arena_printf(arena, "%s %s", method, path);
	shape_fn *shape = calls[question->call].shape;
	struct platform_answer answer = perform(
		platform, arena, what,
		&(struct https_request){
			.method = method,
			.url = write_url(arena, platform->config.api_url, path),
			.accept = version_3,
			.range = write_range(question),
			.type = body ? "application/json" : NULL,
			.body = body,
			.length = body ? strlen(body) : 0,
			.token = question->token,
			.deadline = question->deadline,
		});

	if (answer.verdict == PLATFORM_DONE && shape && !shape(answer.body))
		take_back(&answer, arena, what, "what was asked for");
	return answer;
}

struct platform_answer platform_ask(struct platform *platform,
				    struct arena *arena,
				    const struct platform_question *question)
{
	const char *path = write_path(arena, question);
	const char *method = calls[question->call].method;

	if (!path)
		return platform_no_answer(arena, PLATFORM_REFUSED, method,
					  "the resource's id is no UUID");
	if (!platform_is_token(question->token))
		return platform_no_answer(arena, PLATFORM_UNAUTHORIZED, method,
					  "what is stored is no token");
	return ask(platform, arena, path, question);
}

struct platform_answer platform_new_grant(struct platform *platform,
					  struct arena *arena, const char *uuid,
					  const char *user,
					  const char *password,
					  int64_t deadline, const char **code)
{
	static const char what[] = "GET of another grant";
	char id[UUID_LENGTH + 1];
	struct platform_answer answer;
	const char *path;

	if (!uuid_read(uuid, id))
		return platform_no_answer(arena, PLATFORM_REFUSED, what,
					  "the resource's id is no UUID");
	path = arena_printf(arena, "/vendor/resources/%s/oauth-grant", id);
	answer = perform(
		platform, arena, what,
		&(struct https_request){
			.method = "GET",
			.url = write_url(arena, platform->config.api_url, path),
			.accept = version_3,
			.user = user,
			.password = password,
			.deadline = deadline,
		});
	*code = json_text(
		json_member(json_member(answer.body, "oauth_grant"), "code"));
	if (answer.verdict == PLATFORM_DONE && !*code)
		take_back(&answer, arena, what, "a grant");
	return answer;
}

/* ---- a customer's log ---- */

/* Heroku's credentials for a log are token:t.UUID, and in its examples that
 * UUID is the host that speaks. */
static const char *source_host(const struct url *url)
{
	return url->password && strncmp(url->password, "t.", 2) == 0
		? url->password + 2
		: "";
}

static struct platform_answer
write_log(struct platform *platform, struct arena *arena, const struct url *url,
	  bool is_guarded, const char *frames, size_t size, int64_t deadline)
{
	struct https_reply reply =
		https_perform(platform->https, arena,
			      &(struct https_request){
				      .method = "POST",
				      .url = url->text,
				      .type = "application/logplex-1",
				      .body = frames,
				      .length = size,
				      .user = url->user,
				      .password = url->password,
				      .is_alone = true,
				      .is_guarded = is_guarded,
				      .deadline = deadline,
			      });

	struct platform_answer answer;

	reply.length = 0; /* its status says all */
	answer = platform_judge(
		arena, arena_printf(arena, "log at %s", url->host), &reply);
	if (answer.status == 404)
		answer.verdict = PLATFORM_GONE;
	return answer;
}

struct platform_answer platform_log(struct platform *platform,
				    struct arena *arena, const char *url,
				    const char *allowed, const char *app,
				    const char *const lines[], int count,
				    int64_t deadline)
{
	const struct url parts = url_read(arena, url, URL_HTTPS);
	const char *frames;
	enum outbound_host reach;
	size_t size;

	if (parts.fault)
		return platform_no_answer(
			arena, PLATFORM_REFUSED, "log of an app",
			arena_printf(arena, "its address %s", parts.fault));
	reach = outbound_host_judge(arena, allowed, parts.host, parts.port);
	if (reach == OUTBOUND_HOST_NOWHERE)
		return platform_no_answer(
			arena, PLATFORM_REFUSED, "log of an app",
			"PROVISOR_LOG_INPUT_HOSTS lacks its host");
	frames = logplex_frames(arena,
				&(struct logplex_source){ source_host(&parts),
							  app, "provisor" },
				clock_wall() / 1000, lines, count, &size);
	return write_log(platform, arena, &parts, reach == OUTBOUND_HOST_PUBLIC,
			 frames, size, deadline);
}
