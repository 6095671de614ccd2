/*
 * https.h - sends one request over HTTPS and receives the response.
 *
 * Certificates are verified, TLS has version 1.2 or later, redirects are not
 * followed, proxies and netrc of the environment are ignored, and a response
 * has at most HTTPS_LARGEST bytes.  Between requests, the handle keeps a
 * connection alive, but no data.
 *
 * A deadline is a time of clock_now(), at which a request ends in any case.
 * After a fork only the parent may use a handle; its descriptors are
 * close-on-exec.
 */
#ifndef LIB_PLATFORM_HTTPS_H
#define LIB_PLATFORM_HTTPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/base.h"

struct arena;
struct https;

enum { HTTPS_LARGEST = 256 * 1024 }; /* bytes of a body */

/* Return a handle, never NULL.  ca_file, which is borrowed, has the
 * certificates of the trusted authorities; NULL or "": the system's.  The
 * process ends if libcurl lacks an option that the rules above need. */
MUST_CHECK struct https *https_open(const char *ca_file);
void https_close(struct https *https); /* does nothing for NULL */

struct https_request {
	const char *method;
	const char *url;
	const char *accept; /* NULL: anything */
	const char *type;   /* of the body; NULL: no Content-Type */
	const char *body;   /* NULL: none */
	size_t length;
	const char *range; /* of a list; NULL: from its start */
	const char *token; /* a bearer token; NULL: none */
	const char *user;  /* with password: Basic auth; NULL: none */
	const char *password;
	bool is_alone;     /* use a new connection and close it: libcurl repeats
			      a request if a kept connection has died, and does
			      not check the address of one that lives */
	bool is_guarded;   /* connect only to public addresses
			      (outbound_host.h) */
	bool may_be_plain; /* the URL may also begin with http:// */
	int64_t deadline;
};

/* It belongs to the arena. */
struct https_response {
	const char *fault; /* why there is no complete response, in libcurl's
			      words, which may quote the server; NULL: the
			      rest is valid */
	bool is_barred;    /* the fault is that no address is public */
	bool was_sent;     /* with a fault: a part of the request was sent */
	int status;
	const char *body;
	size_t length;
	const char *type;       /* header Content-Type, or NULL */
	const char *location;   /* header Location, or NULL */
	const char *cookie;     /* the first header Set-Cookie, or NULL */
	const char *request_id; /* header Request-Id, or NULL */
	const char *remaining;  /* header RateLimit-Remaining, or NULL */
	const char *next_range; /* header Next-Range, or NULL */
	int64_t retry_after;    /* seconds from now */
	int64_t date; /* header Date, in seconds since 1970; -1: absent or
			 malformed */
};

MUST_CHECK struct https_response
https_perform(struct https *https, struct arena *arena,
	      const struct https_request *request);

#endif
