/*
 * session.h - what the checks of a provider share: the requests that they send,
 * and what they find.
 */
#ifndef LIB_VERIFY_SESSION_H
#define LIB_VERIFY_SESSION_H

#include <stddef.h>

#include "lib/verify/marketplace.h"
#include "lib/verify/verify.h"

struct https;

enum {
	VERIFY_MOST_KEYS = 128,
	VERIFY_MOST_PATHS = 512,
	VERIFY_MOST_TIMES = 1024
};

/* A response; NULL members are absent. */
struct verify_reply {
	const char *fault; /* why there is no complete response, or NULL */
	int status;
	const char *type, *location, *cookie;
	const struct json *json; /* the body, if it is JSON */
};

/* A resource that a check makes, or tries to make. */
struct verify_resource {
	const char *key; /* the marketplace's id */
	const char *id;  /* the provider's, or NULL */
	enum marketplace_manner manner;
	bool is_promised; /* the response to its create was 202 */
};

struct verify {
	struct arena *arena;
	const struct verify_provider *provider;
	struct https *https;
	int counter; /* of keys */
	int resource_count;
	struct verify_resource resources[VERIFY_MOST_KEYS];
	int time_count;
	int64_t times[VERIFY_MOST_TIMES];
	/* The last segments of the paths of what may exist at the provider. */
	int path_count;
	const char *paths[VERIFY_MOST_PATHS];
	int timeouts; /* responses that came too late or never */
	bool is_away; /* there was no response to the first request */

	/* The resource of the checks that need one; NULL until there is one. */
	struct verify_resource *main;
	const struct json *config;       /* its config vars */
	struct verify_resource *removed; /* a deprovisioned one, or NULL */

	/* Of the running check. */
	const char *expected, *got;
	const char *why_skipped;
};

struct verify_check {
	const char *name, *rule, *source;
	void (*run)(struct verify *v);
	enum { VERIFY_ANY, VERIFY_3, VERIFY_1 } version;
	bool needs_main, needs_removed, needs_other_plan, needs_sign_on;
	bool needs_promise;     /* the main resource was promised with 202 */
	bool needs_no_response; /* it runs also after many timeouts */
};

/* The first members of an initializer. */
#define CHECK(its_name, its_rule, its_source, function)                        \
	.name = (its_name), .rule = (its_rule), .source = (its_source),        \
	.run = (function)

/* The source of rules that several files check. */
#define AT_LEAST_ONCE "Add-on Partner API: requests may be sent several times"

/* checks_request.c, checks_resource.c, checks_promise.c, checks_sign_on.c; each
 * ends with a NULL name. */
extern const struct verify_check verify_request_checks[];
extern const struct verify_check verify_resource_checks[];
extern const struct verify_check verify_promise_checks[];
extern const struct verify_check verify_end_checks[];
extern const struct verify_check verify_sign_on_checks[];

/* ---- requests ---- */

struct verify_request {
	const char *method;
	const char *url;
	const char *body;                    /* or NULL */
	const char *type;                    /* NULL: application/json */
	const char *user, *password, *token; /* or NULL */
};

MUST_CHECK struct verify_reply
verify_send(struct verify *v, const struct verify_request *request);

/* Send a request to a resource or, with a NULL path, to all of them, with the
 * credentials of the manifest.  What a successful POST has made is
 * deprovisioned in the end. */
MUST_CHECK struct verify_reply verify_call(struct verify *v, const char *method,
					   const char *path, const char *body);

/* Return the URL of the resources, or of one of them. */
const char *verify_url(struct verify *v, const char *path);

/* Return a resource with a new key, which is deprovisioned in the end. */
struct verify_resource *verify_new_resource(struct verify *v);

/* Return the body of its create request, as text and as a JSON object. */
const char *verify_body(struct verify *v, const struct verify_resource *r,
			const char *plan);
struct json *verify_document(struct verify *v, const struct verify_resource *r,
			     const char *plan);

/* Create it, and note the id of the response. */
MUST_CHECK struct verify_reply
verify_create(struct verify *v, struct verify_resource *r, const char *plan);

/* Wait until a promised resource is marked as provisioned, within the time that
 * the provider has for it.  Do not wait if the main resource was not.  Return
 * what the marketplace knows of it. */
const struct marketplace_record *
verify_await_end(struct verify *v, const struct verify_resource *r);

/* Send many equal creates at the same time.  The replies belong to the
 * arena. */
MUST_CHECK struct verify_reply *
verify_create_at_once(struct verify *v, struct verify_resource *r, int count);

/* Return the last segment of the path of the resource: the key or, in version
 * 1, the provider's id. */
const char *verify_path(const struct verify *v,
			const struct verify_resource *r);

/* Return true for a success. */
MUST_CHECK bool verify_is_success(const struct verify_reply *reply);

/* Return true if the type of the body is JSON, such as application/json. */
MUST_CHECK bool verify_has_json_type(const struct verify_reply *reply);

/* Return the provider's id in a reply, as text, or NULL. */
const char *verify_id(struct verify *v, const struct verify_reply *reply);

#endif
