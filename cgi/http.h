/*
 * http.h - one request and its answer, by FastCGI or plain CGI.
 *
 * http.c is the only file that includes libfcgi, and holds the only table that
 * turns outcomes into status codes.  Everybody else reads the first half of an
 * exchange, sets the second, and sees neither protocol.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/outcome.h"
#include "lib/path.h"

#define HTTP_LARGEST_BODY (256 * 1024) /* bytes */

struct addon;
struct arena;
struct http_server;
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
	enum outcome path_outcome; /* as path_read() */
	struct path path;
	const char *authorization;
	const char *accept;
	const char *body; /* NULL when body_outcome is not OUTCOME_OK */
	size_t body_length;
	enum outcome body_outcome; /* OUTCOME_TOO_LARGE, OUTCOME_MALFORMED */
	int64_t started;  /* clock_now() when nginx, or we, received it */
	int64_t deadline; /* clock_now() when the answer must be on its way */
	bool is_late;     /* too little of that is left to begin anything */

	/* The answer. */
	int status;            /* 0: as the outcome says */
	const char *answer;    /* JSON; NULL: the complaint */
	const char *complaint; /* a sentence; NULL: as the outcome says */
	unsigned int allowed;  /* methods the path has, when this one is not */

	/* For the log. */
	const char *route; /* the pattern that fitted */
	const struct addon *addon;
	const char *resource_id;
	bool is_repeat;
	enum outcome outcome;
};

/*
 * How this process was started: with a listening socket on descriptor 0 it is
 * a FastCGI worker, else it is to answer one request as a plain CGI program.
 * A worker blocks SIGTERM and SIGUSR1 but for the time it waits.
 * answer_limit is in milliseconds.
 *
 * NULL when the socket cannot be waited for; logged.
 */
struct http_server *http_open(int64_t answer_limit);

/*
 * Wait for a request and read all of it.  False when there is no more to do: a
 * signal asked this worker to end, or the one request was answered.
 */
bool http_receive(struct http_server *server, struct exchange *x);

/* Let an exchange end with outcome: status and complaint where they are not
 * set yet. */
void http_conclude(struct exchange *x, enum outcome outcome);

/* Send the answer and end the exchange. */
void http_send(struct http_server *server, struct exchange *x);

void http_close(struct http_server *server);

#endif
