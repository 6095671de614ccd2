/*
 * http.h - one request and its answer.
 *
 * http.c holds the only table that turns outcomes into status codes.
 * Everybody else reads the first half of an exchange and sets the second.
 */
#ifndef CGI_WEB_HTTP_H
#define CGI_WEB_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/metrics/metrics.h"
#include "lib/base/outcome.h"
#include "lib/text/url_path.h"

#define HTTP_LARGEST_BODY 262144 /* bytes: 256 KiB */

struct addon;
struct arena;
struct gateway;
struct provider;

/* Bits, so that a set of them fits an unsigned int. */
enum http_method {
	HTTP_OTHER = 0,
	HTTP_GET = 1,
	HTTP_HEAD = 2,
	HTTP_POST = 4,
	HTTP_PUT = 8,
	HTTP_DELETE = 16
};

struct exchange {
	struct arena *arena;
	struct provider *provider;

	/* The request.  Texts live in the arena; NULL: not sent. */
	const char *request_id;
	const char *method_name;
	enum http_method method;   /* HTTP_OTHER for one we never serve */
	enum outcome path_outcome; /* as url_path_read() */
	struct url_path path;
	const char *query; /* behind the path's "?" */
	const char *authorization;
	const char *accept;
	const char *cookie;
	const char *origin;
	const char *host;
	const char *address;       /* of who calls */
	enum outcome body_outcome; /* else too large, or not as long as told */
	const char *body;          /* of use only if that is OUTCOME_OK */
	size_t body_length;
	int64_t started;  /* clock_now() when nginx, or we, received it */
	int64_t deadline; /* clock_now() when the answer must be on its way */
	int64_t listen_until; /* clock_now() when a listener must end */
	bool is_late;         /* too little of that is left to begin anything */
	bool is_hung_up;      /* nobody waits for the answer */

	/* The answer. */
	int status;            /* 0: as the outcome says */
	const char *answer;    /* JSON, or of type; NULL: the complaint */
	const char *type;      /* of the answer; NULL: application/json */
	const char *head;      /* more lines of its head, each ended by CRLF */
	bool is_for_browser;   /* a 401 asks for no password */
	const char *complaint; /* a sentence; NULL: as the outcome says */
	unsigned int allowed;  /* methods the path has, when this one is not */

	/* For the log and the metrics. */
	enum metrics_operation operation;
	const char *route; /* the pattern that fitted */
	const struct addon *addon;
	const char *resource_id;
	const char *user;   /* a customer, masked */
	const char *reason; /* of a refusal that is not told */
	bool is_repeat;
	bool has_old_secret; /* one that is being rotated out */
	enum outcome outcome;
};

/*
 * Read all of the request that gateway_next() has brought, into x, whose arena
 * is set.  answer_limit is in milliseconds.  What is wrong with the request is
 * in x; it is answered all the same.
 */
void http_receive(struct gateway *gateway, int64_t answer_limit,
		  struct exchange *x);

/* Add a line to the answer's head, ended by CRLF; what it is made of can end no
 * line itself. */
void http_add_head(struct exchange *x, const char *line);

/* Let an exchange end with outcome: status and complaint where they are not
 * set yet. */
void http_conclude(struct exchange *x, enum outcome outcome);

/* Send the answer, which ends the exchange. */
void http_send(struct gateway *gateway, struct exchange *x);

#endif
