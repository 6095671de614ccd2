/*
 * pool.h - a hooks pool for a unit test, which ends with it.
 */
#ifndef UNIT_POOL_H
#define UNIT_POOL_H

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "files.h"

#include "lib/base/base.h"
#include "lib/process/call_server.h"

static char *pool_socket;
static pid_t pool_server;

static inline int pool_listen(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strncpy(name.sun_path, pool_socket, sizeof name.sun_path - 1);
	if (bind(listening, (struct sockaddr *)&name, sizeof name) != 0
	    || listen(listening, 16) != 0)
		abort();
	return listening;
}

/* Serve in another process, which must not remove the files when it ends. */
static inline void pool_serve(int listening)
{
	pool_server = fork();
	if (pool_server != 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	_exit(call_server_run(listening) ? EXIT_SUCCESS : EXIT_FAILURE);
}

static inline void pool_free(void)
{
	free(pool_socket);
}

static inline void pool_start(void)
{
	int listening;

	unit_begin(NULL);
	pool_socket = must(strdup(files_path("hooks.sock")));
	unit_end(NULL);
	atexit(pool_free);
	listening = pool_listen();
	pool_serve(listening);
	close(listening);
}

#endif
