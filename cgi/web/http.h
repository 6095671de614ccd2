/*
 * http.h - one HTTP request and its response.
 *
 * http.c has the only table that maps outcomes to status codes.  A handler
 * reads the request half of an exchange and sets the response half.
 */
#ifndef CGI_WEB_HTTP_H
#define CGI_WEB_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/metrics/metrics.h"
#include "lib/text/url_path.h"

#define HTTP_MAX_BODY 262144 /* bytes: 256 KiB */

enum {
	HTTP_RESPONSE_TIME = 1000 /* ms, for the end of a request that waits */
};

struct addon;
struct arena;
struct gateway;
struct provider;

/* Bits; an unsigned int is a set of methods. */
enum http_method {
	HTTP_OTHER = 0,
	HTTP_GET = 1,
	HTTP_HEAD = 2,
	HTTP_POST = 4,
	HTTP_PUT = 8,
	HTTP_DELETE = 16,
	HTTP_PATCH = 32
};

struct exchange {
	struct arena *arena;
	struct provider *provider;

	/* The request.  Its strings belong to the arena; NULL: not sent. */
	const char *request_id;
	const char *method_name;
	enum http_method method;   /* HTTP_OTHER: no path allows it */
	enum outcome path_outcome; /* of url_path_read() */
	struct url_path path;
	const char *query; /* after the "?" of the URI */
	const char *authorization;
	const char *accept;
	const char *content_type;
	const char *cookie;
	const char *origin;
	const char *fetch_site; /* Sec-Fetch-Site */
	const char *host;
	const char *address;    /* of the client */
	const char *server;     /* of nginx that has received it, if that is not
				   the public one: "console" or "local" */
	const char *operator;   /* whom this server has authenticated;
				   "local": whom X-Provisor-Actor names */
	const char *server_key; /* by which this server is recognized */
	enum outcome body_outcome; /* unless OUTCOME_OK, the body is too large,
				      or not as long as its Content-Length */
	const char *body; /* valid only if body_outcome is OUTCOME_OK */
	size_t body_length;
	int64_t started;      /* clock_now() when nginx, or we, received it */
	int64_t deadline;     /* clock_now() when the response must be sent */
	int64_t listen_until; /* clock_now() when a listener must end */
	bool is_late;         /* too little time is left to start any work */
	bool is_hung_up;      /* the web server has closed the connection */
	struct gateway *gateway; /* for http_has_hung_up() */

	/* The response. */
	int status;           /* 0: from the table of outcomes */
	const char *response; /* the body; NULL: message, as JSON */
	const char *type;     /* of the body; NULL: application/json */
	const char *headers;  /* more headers; each ends with CRLF */
	bool is_for_browser;  /* 401 must not make it ask for a password */
	const char *message;  /* a sentence; NULL: from the table of outcomes */
	/* The origins whose pages may show this one in a frame, separated by
	 * blanks; NULL: none. */
	const char *framed_by;
	/* The name of the member with message; NULL: "message". */
	const char *message_member;
	unsigned int allowed; /* the path's methods, for 405 */

	/* For the log and the metrics. */
	enum metrics_operation operation;
	const char *route; /* the pattern that matched the path */
	const struct addon *addon;
	const char *resource_id;
	const char *user;   /* the customer's e-mail address, masked */
	const char *actor;  /* the operator, as in events */
	const char *reason; /* why it was refused; not in the response */
	/* The Authorization header names no add-on, or has a wrong password. */
	bool has_wrong_credentials;
	bool is_repeat;
	bool has_old_secret; /* authenticated with a secret that is being
				rotated out */
	enum outcome outcome;
};

/*
 * Receive the request that gateway_next() has accepted.  The caller has set
 * only x->arena and x->provider.  answer_limit is in milliseconds.  A request
 * that cannot be read gets a response like any other; x describes its fault.
 */
void http_receive(struct gateway *gateway, int64_t answer_limit,
		  struct exchange *x);

/*
 * Return true if a page of this host has sent the request.  Browsers send
 * Sec-Fetch-Site and Origin with every POST, and no script can set them.  With
 * plain_too, a page that was served without TLS counts too.
 */
MUST_CHECK bool http_is_from_our_page(const struct exchange *x, bool plain_too);

/* Return true if the web server has closed the connection meanwhile. */
MUST_CHECK bool http_has_hung_up(const struct exchange *x);

/* Add a header, which ends with CRLF.  The caller ensures that no input in it
 * contains a CR or LF. */
void http_add_header(struct exchange *x, const char *header);

/* End an exchange with outcome.  Set status and message unless they are set. */
void http_set_outcome(struct exchange *x, enum outcome outcome);

/* Send the response. */
void http_send(struct gateway *gateway, struct exchange *x);

#endif
