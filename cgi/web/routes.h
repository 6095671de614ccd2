/*
 * routes.h - passes each request to its handler.
 */
#ifndef CGI_WEB_ROUTES_H
#define CGI_WEB_ROUTES_H

struct exchange;

/*
 * Serve a received request: set the response half of x, count the request in
 * the metrics, and log its line.  The checks come in this order: path, method,
 * credentials, body.
 */
void routes_serve(struct exchange *x);

#endif
