/*
 * call_server.h - the hooks pool: runs programs for the processes of another
 * user, which connect to its socket.
 *
 * For each connection a process of its own carries out one call
 * (call_process.h).  The server accepts connections of root and of the owner of
 * the socket.
 */
#ifndef LIB_PROCESS_CALL_SERVER_H
#define LIB_PROCESS_CALL_SERVER_H

#include <stdbool.h>

#include "lib/base/base.h"

/* The number of calls at the same time.  Further ones wait in the socket's
 * queue. */
enum { CALL_SERVER_MOST_CALLS = 512 };

/*
 * Serve a listening unix stream socket until SIGTERM, SIGINT, SIGHUP or SIGUSR1
 * arrives.  Running calls then continue without the server.  Return false after
 * logging an error if the socket cannot be used.
 *
 * This process must have one thread and no other children.
 */
MUST_CHECK bool call_server_run(int listening);

#endif
