/*
 * platform.h - what we ask of a marketplace: tokens, its view of a resource,
 * config vars, the end of what was begun.
 *
 * Nothing else speaks HTTP outwards.  It does so by rules: https only,
 * certificates verified, no redirects, no proxy and no netrc from the
 * environment, answers of at most 256 KiB, 3 s for a connection.  Nothing is
 * repeated here; the answer says whether, and when, that may help.  (Where a
 * connection that was kept alive turns out to be dead, libcurl sends a
 * platform_ask() again; all of those may be repeated.)
 *
 * The calls are those of Heroku's Platform API for Partners, version 3.
 *
 * A deadline is a moment of clock_now(), and holds whatever the other side
 * does.  What an answer points at lives in the arena.  After a fork only the
 * parent may go on with a platform; its descriptors are close-on-exec.
 */
#ifndef LIB_PLATFORM_PLATFORM_H
#define LIB_PLATFORM_PLATFORM_H

#include <stdint.h>

#include "lib/platform/answer.h"

struct arena;
struct json;
struct platform;

struct platform_config {
	const char *api_url;   /* "https://api.heroku.com" */
	const char *token_url; /* "https://id.heroku.com/oauth/token" */
	const char *ca_file;   /* in place of the system's; NULL or "": these */
};

/* Never NULL.  config's texts are borrowed until platform_close(), with which
 * the caller ends it. */
struct platform *platform_open(const struct platform_config *config);
void platform_close(struct platform *platform); /* NULL does nothing */

/*
 * Exchange a grant's code, or refresh; secret is the add-on's client secret.
 * *tokens is written when the verdict is PLATFORM_DONE.
 */
struct platform_answer platform_exchange(struct platform *platform,
					 struct arena *arena, const char *code,
					 const char *secret, int64_t deadline,
					 struct platform_tokens *tokens);
/*
 * Ask for another grant, whose code is then in *code: the one there was may
 * have been used without our knowing the tokens.  user and password are those
 * with which the marketplace logs in.  Heroku grants this to some add-ons
 * alone.
 */
struct platform_answer platform_new_grant(struct platform *platform,
					  struct arena *arena, const char *uuid,
					  const char *user,
					  const char *password,
					  int64_t deadline, const char **code);
struct platform_answer platform_refresh(struct platform *platform,
					struct arena *arena,
					const char *refresh, const char *secret,
					int64_t deadline,
					struct platform_tokens *tokens);

enum platform_call {
	PLATFORM_READ,          /* GET /addons/ID: the body is an object */
	PLATFORM_READ_CONFIG,   /* GET /addons/ID/config: it is an array */
	PLATFORM_WRITE_CONFIG,  /* PATCH /addons/ID/config */
	PLATFORM_PROVISIONED,   /* POST /addons/ID/actions/provision */
	PLATFORM_DEPROVISIONED, /* POST /addons/ID/actions/deprovision */
	PLATFORM_LIST           /* GET /addons, a page of all that the token
				   can see: the body is an array of objects */
};

struct platform_question {
	enum platform_call call;
	const char *uuid;  /* of the add-on instance; but for PLATFORM_LIST */
	const char *token; /* an access token */
	/* For PLATFORM_WRITE_CONFIG: an object of names and their values, which
	 * are texts, or null to unset one. */
	const struct json *config;
	/* For PLATFORM_LIST: next_range of the page before; NULL: the first. */
	const char *range;
	int64_t deadline;
};

/* One call of the Platform API.  A text that is no UUID, or no token, never
 * reaches it: PLATFORM_REFUSED, PLATFORM_UNAUTHORIZED. */
struct platform_answer platform_ask(struct platform *platform,
				    struct arena *arena,
				    const struct platform_question *question);

/*
 * Write lines to a customer's log (logplex.h) at url, with the credentials in
 * it, under the name of app.  allowed is PROVISOR_LOG_INPUT_HOSTS, as
 * outbound_host_judge() takes it: elsewhere nothing is sent, and the verdict is
 * PLATFORM_REFUSED.  The body of an answer is not read.
 */
struct platform_answer platform_log(struct platform *platform,
				    struct arena *arena, const char *url,
				    const char *allowed, const char *app,
				    const char *const lines[], int count,
				    int64_t deadline);

#endif
