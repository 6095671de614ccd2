/*
 * gateway.h - requests from the web server, by FastCGI or plain CGI.
 *
 * gateway.c is the only file that includes libfcgi.  With a listening socket on
 * descriptor 0 this process is a FastCGI worker, which serves one request after
 * another and ends between two on SIGTERM or SIGUSR1: both are blocked but for
 * the time it waits.  Else a plain CGI server has started it, for one request.
 */
#ifndef CGI_WEB_GATEWAY_H
#define CGI_WEB_GATEWAY_H

#include <stdbool.h>
#include <stddef.h>

struct gateway;

/* NULL when the socket cannot be waited for; logged. */
struct gateway *gateway_open(void);
void gateway_close(struct gateway *gateway);

/* Wait for the next request.  False: there is none any more. */
bool gateway_next(struct gateway *gateway);

/* A parameter of the request, until gateway_finish(); NULL when it is not set
 * or empty. */
const char *gateway_parameter(struct gateway *gateway, const char *name);

/* Read up to size bytes of the request's body; 0 at its end. */
size_t gateway_read(struct gateway *gateway, char *bytes, size_t size);

/* Is it plain CGI?  Then the body need not end by itself, and no more of it
 * may be read than CONTENT_LENGTH says. */
bool gateway_is_cgi(const struct gateway *gateway);

/*
 * Has the web server closed the connection, so that nobody waits for an answer?
 * One that has only ended its own side still waits.  On TCP both look alike,
 * unless it was reset, and on plain CGI nothing can be told: there it waits.
 */
bool gateway_has_hung_up(const struct gateway *gateway);

/* Write a piece of the answer, which begins with its header as CGI has it. */
void gateway_write(struct gateway *gateway, const char *text);

/* The answer is complete. */
void gateway_finish(struct gateway *gateway);

#endif
