/*
 * gateway.h - requests from the web server, by FastCGI or plain CGI.
 *
 * Only gateway.c includes libfcgi.  If descriptor 0 is a listening socket, this
 * process is a FastCGI worker: it serves one request after another, and SIGTERM
 * or SIGUSR1 ends it between two requests.  Both signals stay blocked.  SIGALRM
 * may interrupt a system call every 2 s.  Otherwise a plain CGI server has
 * started this process for one request.
 */
#ifndef CGI_WEB_GATEWAY_H
#define CGI_WEB_GATEWAY_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/base.h"

struct gateway;

/* Return NULL after logging why this process cannot wait on the socket. */
MUST_CHECK struct gateway *gateway_open(void);
void gateway_close(struct gateway *gateway);

/* Have idle(context) called about once a second while no request comes. */
void gateway_when_idle(struct gateway *gateway, void (*idle)(void *context),
		       void *context);

/* Wait for the next request.  Return false if this process is to end. */
MUST_CHECK bool gateway_next(struct gateway *gateway);

/* Return a parameter of the request, valid until gateway_finish(), or NULL if
 * it is absent or empty. */
const char *gateway_parameter(struct gateway *gateway, const char *name);

/* Read up to size bytes of the body.  Return 0 at its end. */
size_t gateway_read(struct gateway *gateway, char *bytes, size_t size);

/*
 * Call this when the body has been read.  A FastCGI connection on which the
 * request is not complete 2 s after the accept is shut down: the request is
 * dropped, or its body ends early.  nginx sends a whole request at once, so
 * only another program that can open the socket can cause this.
 */
void gateway_end_body(struct gateway *gateway);

/* Return true for plain CGI.  The body may then have no end of its own: read no
 * more than CONTENT_LENGTH. */
MUST_CHECK bool gateway_is_cgi(const struct gateway *gateway);

/*
 * Return true if the web server has closed the connection, so that no client
 * waits for the response.  The client of a half-closed connection still waits.
 * On a TCP connection, only a reset is detected; with plain CGI, nothing is.
 */
MUST_CHECK bool gateway_has_hung_up(const struct gateway *gateway);

/* Write a piece of the response, which begins with a CGI header. */
void gateway_write(struct gateway *gateway, const char *text);

/* End the response. */
void gateway_finish(struct gateway *gateway);

#endif
