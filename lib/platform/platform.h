/*
 * platform.h - calls the API of a marketplace.
 *
 * The API is Heroku's Platform API for Partners, version 3.  https.h has the
 * rules for connections, deadlines and forks.
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

struct arena;
struct json;
struct platform;

struct platform_config {
	const char *api_url;   /* "https://api.heroku.com" */
	const char *token_url; /* "https://id.heroku.com/oauth/token" */
	const char *ca_file;   /* of https_open() */
};

/* Return a handle, never NULL.  The strings of config are borrowed until
 * platform_close(). */
MUST_CHECK struct platform *platform_open(const struct platform_config *config);
void platform_close(struct platform *platform); /* does nothing for NULL */

/* Return api_url of its config. */
const char *platform_url(const struct platform *platform);

/*
 * Exchange the code of a grant for tokens, or refresh a token.  secret is the
 * add-on's client secret.  *tokens is set if the verdict is PLATFORM_DONE.
 */
MUST_CHECK struct platform_response
platform_exchange(struct platform *platform, struct arena *arena,
		  const char *code, const char *secret, int64_t deadline,
		  struct platform_tokens *tokens);
/*
 * Request another grant and set *code.  This helps if the first code was used
 * but its tokens were not stored.  user and password are the ones that the
 * marketplace uses to call us.  Heroku allows this only for some add-ons.
 */
MUST_CHECK struct platform_response
platform_new_grant(struct platform *platform, struct arena *arena,
		   const char *uuid, const char *user, const char *password,
		   int64_t deadline, const char **code);
MUST_CHECK struct platform_response
platform_refresh(struct platform *platform, struct arena *arena,
		 const char *refresh, const char *secret, int64_t deadline,
		 struct platform_tokens *tokens);

enum platform_call {
	PLATFORM_READ,         /* GET /addons/ID: the body is an object */
	PLATFORM_READ_CONFIG,  /* GET /addons/ID/config: the body is an array */
	PLATFORM_WRITE_CONFIG, /* PATCH /addons/ID/config */
	PLATFORM_PROVISIONED,  /* POST /addons/ID/actions/provision */
	PLATFORM_DEPROVISIONED, /* POST /addons/ID/actions/deprovision */
	PLATFORM_OTHER,         /* what the request says */
	PLATFORM_LIST /* GET /addons, a page of the add-ons that the token can
			 see: the body is an array of objects */
};

struct platform_request {
	enum platform_call call;
	/* Of the resource; not for PLATFORM_LIST and PLATFORM_OTHER. */
	const char *uuid;
	const char *token; /* an access token */
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

/* Make one call.  Without a valid UUID the verdict is PLATFORM_REFUSED, without
 * a valid token PLATFORM_UNAUTHORIZED, and nothing is sent. */
MUST_CHECK struct platform_response
platform_ask(struct platform *platform, struct arena *arena,
	     const struct platform_request *request);

/*
 * Read the clock of the API from a response to a request without a token.
 * *time is in seconds since 1970.  Return NULL, or the reason for a failure,
 * which may quote the server.
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
