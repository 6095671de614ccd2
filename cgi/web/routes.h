/*
 * routes.h - brings a request to who answers it.
 */
#ifndef CGI_WEB_ROUTES_H
#define CGI_WEB_ROUTES_H

struct exchange;

/*
 * Serve a request that was received; x then holds its answer, whatever went
 * wrong.  A path is judged first, then its method, then credentials, then the
 * body.  Also counts the request, and writes its one line to the log.
 */
void routes_serve(struct exchange *x);

#endif
