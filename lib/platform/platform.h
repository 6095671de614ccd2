/*
 * platform.h - calls the APIs of marketplaces.
 *
 * The dialects describe them (struct dialect_api).  https.h has the rules for
 * connections, deadlines and forks.
 *
 * No request is retried here: the response says whether, and when, a retry may
 * help.  (libcurl repeats a platform_ask() if a kept connection has died; all
 * of these calls are idempotent.)  Responses belong to the arena.
 */
#ifndef LIB_PLATFORM_PLATFORM_H
#define LIB_PLATFORM_PLATFORM_H

#include <stdint.h>

#include "lib/base/base.h"
#include "lib/platform/response.h"

struct addon;
struct arena;
struct dialect_api;
struct json;
struct platform;

struct platform_config {
	/* The addresses of the API that the host sets; of the others, the
	 * dialects have them. */
	const char *api_url;
	const char *token_url;
	const char *ca_file; /* of https_open() */
};

/* Return a handle, never NULL.  The strings of config are borrowed until
 * platform_close(). */
MUST_CHECK struct platform *platform_open(const struct platform_config *config);
void platform_close(struct platform *platform); /* does nothing for NULL */

/* The API of a marketplace, for one add-on. */
struct platform_api {
	const struct dialect_api *form;
	const char *marketplace; /* with addon: by which calls are counted; */
	const char *addon;       /* NULL: they are not */
	const char *url;
	const char *token_url;
	const char *secret;   /* the add-on's client secret; NULL: none */
	const char *user;     /* that the marketplace uses to call us */
	const char *password; /* of that user */
};

/* Return the API for an add-on whose dialect has one.  Its settings.json may
 * have other addresses.  The strings are borrowed. */
struct platform_api platform_api_of(const struct platform_config *config,
				    const struct addon *addon);

/* Return the config of platform_open(). */
const struct platform_config *platform_config(const struct platform *platform);

/* Exchange the code of a grant for tokens, or refresh a token.  *tokens is set
 * if the verdict is PLATFORM_DONE. */
MUST_CHECK struct platform_response
platform_exchange(struct platform *platform, struct arena *arena,
		  const struct platform_api *api, const char *code,
		  int64_t deadline, struct platform_tokens *tokens);
MUST_CHECK struct platform_response
platform_refresh(struct platform *platform, struct arena *arena,
		 const struct platform_api *api, const char *refresh,
		 int64_t deadline, struct platform_tokens *tokens);
/*
 * Request another grant of the resource and set *code.  This helps if the first
 * code was used but its tokens were not stored.  Heroku allows this only for
 * some add-ons.
 */
MUST_CHECK struct platform_response
platform_new_grant(struct platform *platform, struct arena *arena,
		   const struct platform_api *api, const char *id,
		   int64_t deadline, const char **code);

enum platform_call {
	PLATFORM_READ,        /* the body is an object */
	PLATFORM_READ_CONFIG, /* the body is an array of objects with name
				 and value, for all marketplaces */
	PLATFORM_WRITE_CONFIG,
	PLATFORM_PROVISIONED,   /* a promised resource is provisioned */
	PLATFORM_DEPROVISIONED, /* a promised resource will not be */
	PLATFORM_OTHER,         /* what the request says */
	PLATFORM_LIST /* a page of the add-ons that the token can see: the body
			 is an array of objects */
};

struct platform_request {
	enum platform_call call;
	/* Of the resource at the marketplace; not for PLATFORM_LIST and
	 * PLATFORM_OTHER. */
	const char *id;
	const char *token; /* an access token, for DIALECT_BEARER */
	/* For PLATFORM_WRITE_CONFIG: an object of names and values.  A value
	 * is a string, or null to unset the var. */
	const struct json *config;
	/* For PLATFORM_OTHER: a method, a path that begins with a slash, and
	 * JSON, or NULL for no body. */
	const char *method;
	const char *path;
	const char *body;
	/* For PLATFORM_LIST and PLATFORM_OTHER: next_range of the previous
	 * page; NULL: the first page. */
	const char *range;
	int64_t deadline;
};

/* Make one call.  If the marketplace does not have it, or without an id, the
 * verdict is PLATFORM_REFUSED; without a valid token, it is
 * PLATFORM_UNAUTHORIZED; and nothing is sent. */
MUST_CHECK struct platform_response
platform_ask(struct platform *platform, struct arena *arena,
	     const struct platform_api *api,
	     const struct platform_request *request);

/*
 * Read the clock of the API that the host sets from a response to a request
 * without a token. *time is in seconds since 1970.  Return NULL, or the reason
 * for a failure, which may quote the server.
 */
MUST_CHECK const char *platform_read_clock(struct platform *platform,
					   struct arena *arena,
					   int64_t deadline, int64_t *time);

/*
 * Write lines to a customer's log (logplex.h) in the name of app.  url contains
 * the credentials.  If the hosts in allowed (outbound_host.h) do not include
 * its host, nothing is sent, and the verdict is PLATFORM_REFUSED.  The body of
 * the response is not read.
 */
MUST_CHECK struct platform_response
platform_log(struct platform *platform, struct arena *arena, const char *url,
	     const char *allowed, const char *app, const char *const lines[],
	     int count, int64_t deadline);

#endif
