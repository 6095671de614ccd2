/*
 * pool_files.h - the folder, sockets and pid files of pools without systemd.
 *
 * All of it belongs to root, except the folder into which the processes write.
 * Each function prints what fails.
 */
#ifndef CGI_CLI_POOL_FILES_H
#define CGI_CLI_POOL_FILES_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/base.h"

struct arena;
struct cli;
struct pool;
struct pool_process;

/* Create the folder, and the one of the metrics, if they do not exist.  Wait
 * until no other such command runs on this host; the lock ends with this
 * process. */
MUST_CHECK bool pool_files_lock(const struct cli *cli);

/* Return a new listening socket, or -1. */
MUST_CHECK int pool_files_listen(const struct cli *cli,
				 const struct pool *pool);

/* Return the listening socket of a running pool, so that requests can wait in
 * it while the pool restarts.  Return -1, printing nothing, if it has no socket
 * or the kernel does not allow it. */
MUST_CHECK int pool_files_take_socket(const struct pool *pool,
				      const struct pool_process *manager);

/* Return true if the path of the pool's socket is a socket. */
MUST_CHECK bool pool_files_has_socket(const struct pool *pool);

/* Write the pid file: a number and a newline. */
MUST_CHECK bool pool_files_write_pid(struct arena *arena,
				     const struct pool *pool, pid_t pid);

/* Remove the pid file, and the socket unless it is kept. */
void pool_files_remove(struct arena *arena, const struct pool *pool,
		       bool keeps_socket);

#endif
