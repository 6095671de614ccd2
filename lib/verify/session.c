#include "lib/verify/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/write_whole.h"
#include "lib/crypto/digest.h"
#include "lib/platform/https.h"
#include "lib/text/iso8601.h"
#include "lib/text/json.h"
#include "lib/text/percent.h"
#include "lib/text/uuid.h"
#include "lib/verify/marketplace_code.h"

enum {
	GRACE = 1000, /* ms after the limit, to see that a response is late */
	GRANT_LIFE = 300, /* s */
	PROMISED = 202    /* the status of a create that goes on */
};

/* ---- responses ---- */

bool verify_is_success(const struct verify_reply *reply)
{
	return !reply->fault && reply->status >= 200 && reply->status < 300;
}

bool verify_has_json_type(const struct verify_reply *reply)
{
	static const char start[] = "application/";

	return reply->type && strncmp(reply->type, start, strlen(start)) == 0
		&& strstr(reply->type, "json");
}

/* ---- requests ---- */

static void note_time(struct verify *v, int64_t duration)
{
	if (v->time_count < VERIFY_MOST_TIMES)
		v->times[v->time_count++] = duration;
	v->timeouts += duration > v->provider->limit;
}

static struct verify_reply perform(struct https *https, struct arena *arena,
				   const struct verify_provider *provider,
				   const struct verify_request *request)
{
	const struct https_response response = https_perform(
		https, arena,
		&(struct https_request){
			.method = request->method,
			.url = request->url,
			.accept = provider->is_version_1
				? "application/json"
				: "application/vnd.heroku-addons+json; "
				  "version=3",
			.type = !request->body  ? NULL
				: request->type ? request->type
						: "application/json",
			.body = request->body,
			.length = request->body ? strlen(request->body) : 0,
			.user = request->user,
			.password = request->password,
			.token = request->token,
			.may_be_plain = true,
			.is_alone = true,
			.deadline = clock_now() + provider->limit + GRACE,
		});
	const char *why;

	return (struct verify_reply){
		.fault = response.fault,
		.status = response.status,
		.type = response.type,
		.location = response.location,
		.cookie = response.cookie,
		.json = response.fault ? NULL
				       : json_parse(arena, response.body,
						    response.length, &why),
	};
}

struct verify_reply verify_send(struct verify *v,
				const struct verify_request *request)
{
	int64_t began = clock_now();
	const struct verify_reply reply =
		perform(v->https, v->arena, v->provider, request);

	note_time(v, clock_now() - began);
	return reply;
}

const char *verify_url(struct verify *v, const char *path)
{
	return path ? arena_join(v->arena, v->provider->url, "/",
				 percent_encode(v->arena, path))
		    : v->provider->url;
}

/* Some providers number their resources. */
const char *verify_id(struct verify *v, const struct verify_reply *reply)
{
	const struct json *id = json_member(reply->json, "id");
	int64_t number = json_integer(id, INT64_MIN);

	return number == INT64_MIN ? json_text(id)
				   : arena_number(v->arena, number);
}

static void note_path(struct verify *v, const char *path)
{
	for (int i = 0; i < v->path_count; i++)
		if (strcmp(v->paths[i], path) == 0)
			return;
	if (v->path_count < VERIFY_MOST_PATHS)
		v->paths[v->path_count++] = path;
}

/* In version 1, only the id of the response leads to the resource. */
static void note_made(struct verify *v, const struct verify_reply *reply)
{
	const char *id = verify_id(v, reply);

	if (v->provider->is_version_1 && verify_is_success(reply) && id && *id)
		note_path(v, id);
}

struct verify_reply verify_call(struct verify *v, const char *method,
				const char *path, const char *body)
{
	const struct verify_reply reply =
		verify_send(v,
			    &(struct verify_request){
				    .method = method,
				    .url = verify_url(v, path),
				    .body = body,
				    .user = v->provider->user,
				    .password = v->provider->password,
			    });

	if (!path && strcmp(method, "POST") == 0)
		note_made(v, &reply);
	return reply;
}

/* ---- resources ---- */

/* The ids of equal seeds are equal, so that a run can be repeated against a
 * provider that has been emptied. */
struct verify_resource *verify_new_resource(struct verify *v)
{
	const char *const parts[] = { v->provider->seed, "/",
				      arena_number(v->arena, v->counter++) };
	char digest[DIGEST_SHA256_HEX + 1];
	char *key = arena_alloc(v->arena, UUID_LENGTH + 1);

	if (v->resource_count == VERIFY_MOST_KEYS
	    || !digest_sha256_hex(parts, COUNT(parts), digest)
	    || !uuid_read(arena_printf(v->arena, "%.8s-%.4s-4%.3s-8%.3s-%.12s",
				       digest, digest + 8, digest + 12,
				       digest + 15, digest + 18),
			  key))
		abort();
	if (!v->provider->is_version_1)
		note_path(v, key);
	v->resources[v->resource_count] = (struct verify_resource){
		.key = key,
	};
	return &v->resources[v->resource_count++];
}

/* A grant's code is valid for five minutes (Platform API for Partners). */
static void put_grant(struct verify *v, struct json *document,
		      const struct verify_resource *r)
{
	struct json *grant = json_object(v->arena);

	json_put_text(grant, "type", "authorization_code");
	json_put_text(grant, "code",
		      marketplace_code(v->arena, r->key, r->manner));
	json_put_text(
		grant, "expires_at",
		iso8601_write(v->arena, clock_wall() / 1000 + GRANT_LIFE));
	json_put(document, "oauth_grant", grant);
}

static const char *callback_url(struct verify *v,
				const struct verify_resource *r)
{
	return arena_join(v->arena,
			  v->provider->marketplace
				  ? v->provider->marketplace_url
				  : "https://api.heroku.com",
			  "/addons/", r->key);
}

struct json *verify_document(struct verify *v, const struct verify_resource *r,
			     const char *plan)
{
	struct json *document = json_object(v->arena);
	bool is_version_1 = v->provider->is_version_1;

	json_put_text(document, "uuid", r->key);
	if (is_version_1)
		json_put_text(document, "heroku_id", "app0@heroku.com");
	json_put_text(document, "plan", plan);
	json_put_text(document, "region", "amazon-web-services::us-east-1");
	json_put(document, "options", json_object(v->arena));
	json_put_text(document, "callback_url", callback_url(v, r));
	if (!is_version_1)
		json_put_text(document, "name", "verify-a-resource");
	if (v->provider->marketplace)
		put_grant(v, document, r);
	return document;
}

const char *verify_body(struct verify *v, const struct verify_resource *r,
			const char *plan)
{
	return json_print(v->arena, verify_document(v, r, plan));
}

struct verify_reply verify_create(struct verify *v, struct verify_resource *r,
				  const char *plan)
{
	const struct verify_reply reply =
		verify_call(v, "POST", NULL, verify_body(v, r, plan));

	if (verify_is_success(&reply))
		r->id = verify_id(v, &reply);
	r->is_promised |= !reply.fault && reply.status == PROMISED;
	return reply;
}

const struct marketplace_record *
verify_await_end(struct verify *v, const struct verify_resource *r)
{
	struct marketplace *m = v->provider->marketplace;
	bool is_hopeless = v->main && v->main != r
		&& !marketplace_has_ended(marketplace_record(m, v->main->key));

	return is_hopeless ? marketplace_record(m, r->key)
			   : marketplace_await_end(
				   m, r->key, clock_now() + v->provider->wait);
}

const char *verify_path(const struct verify *v, const struct verify_resource *r)
{
	return v->provider->is_version_1 && r->id ? r->id : r->key;
}

/* ---- at the same time ---- */

/* In a child process: libcurl's handle belongs to one. */
static void create_in_child(struct verify *v, const char *body, int output)
{
	struct https *https = https_open(v->provider->ca_file);
	const struct verify_reply reply =
		perform(https, v->arena, v->provider,
			&(struct verify_request){
				.method = "POST",
				.url = v->provider->url,
				.body = body,
				.user = v->provider->user,
				.password = v->provider->password,
			});
	struct json *document = json_object(v->arena);
	const char *text;

	json_put_text(document, "fault", reply.fault);
	json_put_int(document, "status", reply.status);
	json_put(document, "json", reply.json);
	text = json_print(v->arena, document);
	_exit(write_whole(output, text, strlen(text)) ? EXIT_SUCCESS
						      : EXIT_FAILURE);
}

static pid_t start_create(struct verify *v, const char *body, int *input)
{
	int ends[2];
	pid_t pid;

	if (pipe(ends) != 0)
		abort();
	pid = fork();
	if (pid < 0)
		abort();
	if (pid == 0) {
		close(ends[0]);
		create_in_child(v, body, ends[1]);
	}
	close(ends[1]);
	*input = ends[0];
	return pid;
}

/* Read on if a signal interrupts this. */
static ssize_t read_part(int input, char *to, size_t room)
{
	ssize_t count;

	do
		count = read(input, to, room);
	while (count < 0 && errno == EINTR);
	return count;
}

static void await_create(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static struct verify_reply read_create(struct verify *v, int input)
{
	char *text = arena_alloc(v->arena, HTTPS_LARGEST);
	struct verify_reply reply = { .fault = "none was received" };
	const struct json *document;
	size_t length = 0;
	const char *why;
	ssize_t count;

	while (length < HTTPS_LARGEST
	       && (count = read_part(input, text + length,
				     HTTPS_LARGEST - length))
		       > 0)
		length += (size_t)count;
	close(input);
	document = json_parse(v->arena, text, length, &why);
	if (!document)
		return reply;
	reply.fault = json_text(json_member(document, "fault"));
	reply.status = (int)json_integer(json_member(document, "status"), 0);
	reply.json = json_member(document, "json");
	return reply;
}

struct verify_reply *verify_create_at_once(struct verify *v,
					   struct verify_resource *r, int count)
{
	const char *body = verify_body(v, r, v->provider->plan);
	struct verify_reply *replies =
		arena_alloc(v->arena, (size_t)count * sizeof *replies);
	pid_t *pids = arena_alloc(v->arena, (size_t)count * sizeof *pids);
	int *inputs = arena_alloc(v->arena, (size_t)count * sizeof *inputs);

	int64_t began = clock_now();

	for (int i = 0; i < count; i++)
		pids[i] = start_create(v, body, &inputs[i]);
	for (int i = 0; i < count; i++) {
		replies[i] = read_create(v, inputs[i]);
		await_create(pids[i]);
		note_time(v, clock_now() - began);
		if (verify_is_success(&replies[i]))
			r->id = verify_id(v, &replies[i]);
		note_made(v, &replies[i]);
	}
	return replies;
}
