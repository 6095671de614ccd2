/*
 * https.h - one request over HTTPS, and its answer.
 *
 * https.c alone opens connections with libcurl.  Certificates are verified,
 * TLS is 1.2 or better, no redirect is followed, nothing of the environment (a
 * proxy, netrc) is obeyed, and an answer has HTTPS_LARGEST bytes at most.  The
 * handle keeps a connection alive between requests, and nothing else of them.
 *
 * A deadline is a moment of clock_now(), and holds whatever the other side
 * does.  After a fork only the parent may go on with a handle; its descriptors
 * are close-on-exec.
 */
#ifndef LIB_PLATFORM_HTTPS_H
#define LIB_PLATFORM_HTTPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct https;

#define HTTPS_LARGEST (256 * 1024)

/* ca_file names the authorities to believe, in place of the system's; NULL or
 * "": these.  Borrowed.  Never NULL; ends the process where libcurl lacks what
 * the rules need. */
struct https *https_open(const char *ca_file);
void https_close(struct https *https); /* NULL does nothing */

struct https_request {
	const char *method;
	const char *url;
	const char *accept; /* NULL: anything */
	const char *type;   /* of the body; NULL: no Content-Type */
	const char *body;   /* NULL: none */
	size_t length;
	const char *range; /* of a list; NULL: from its start on */
	const char *token; /* a bearer's; NULL: none */
	const char *user;  /* with password for Basic; NULL: none */
	const char *password;
	bool is_alone;   /* on a connection of its own: where a kept one has
			    died, libcurl would send the request again, and
			    where it lives, nobody judges its address */
	bool is_guarded; /* only to public addresses (reach.h) */
	int64_t deadline;
};

/* What came back.  It lives in the arena. */
struct https_reply {
	const char *fault; /* why there is no whole answer, in libcurl's words,
			      which may quote foreign bytes; else NULL, and
			      only then the rest counts */
	bool is_barred;    /* the fault: there is no public address */
	int status;
	const char *body;
	size_t length;
	const char *request_id; /* of Request-Id; NULL: not told */
	const char *remaining;  /* of RateLimit-Remaining; the same */
	const char *next_range; /* of Next-Range; the same */
	int64_t retry_after;    /* seconds from now */
};

struct https_reply https_perform(struct https *https, struct arena *arena,
				 const struct https_request *request);

#endif
