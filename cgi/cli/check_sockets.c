/*
 * check_sockets.c - checks that only root can replace the sockets of the pools.
 *
 * Root binds the sockets, and nginx sends the credentials of marketplaces and
 * customers to them.  A user who can write to a folder of the path could
 * replace the socket, or place a symbolic link that root follows.
 */
#include "cgi/cli/check.h"

#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/pools.h"
#include "cgi/cli/vendor_socket.h"
#include "lib/base/arena.h"
#include "lib/metrics/metrics.h"

/* Return the inode of the socket at descriptor 0 of a process, or 0 if it is
 * not a socket or this process may not see it. */
static uintmax_t find_socket_inode(struct arena *arena, pid_t pid)
{
	const char *path = arena_printf(arena, "/proc/%d/fd/0", (int)pid);
	char target[64] = "";
	uintmax_t inode;

	if (readlink(path, target, sizeof target - 1) > 0
	    && sscanf(target, "socket:[%" SCNuMAX "]", &inode) == 1)
		return inode;
	return 0;
}

/* Return the path to which a socket is bound, or NULL.  /proc/PID/net/unix
 * lists the sockets in the network namespace of the process. */
static const char *find_socket_path(struct arena *arena, pid_t pid,
				    uintmax_t inode)
{
	FILE *sockets =
		fopen(arena_printf(arena, "/proc/%d/net/unix", (int)pid), "re");
	const char *found = NULL;
	char *line = NULL;
	size_t size = 0;

	while (sockets && !found && getline(&line, &size, sockets) > 0) {
		uintmax_t number;
		int start = 0;

		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%*s %*s %*s %*s %*s %*s %" SCNuMAX " %n",
			   &number, &start)
			    == 1
		    && start > 0 && number == inode && line[start] == '/')
			found = arena_strdup(arena, line + start);
	}
	free(line);
	if (sockets)
		fclose(sockets);
	return found;
}

/* A private host (make run) belongs to the user who runs it. */
static bool is_trusted_owner(uid_t owner)
{
	return owner == 0 || owner == geteuid();
}

/*
 * Add an error and return false if a user other than root can change path,
 * which is a folder or a socket.  In a sticky folder, users can change only
 * what they own.
 */
static bool check_root_owns(struct check *check, const char *path)
{
	struct stat status;
	bool is_socket;

	if (lstat(path, &status) != 0)
		return true;
	is_socket = S_ISSOCK(status.st_mode);
	if (!is_trusted_owner(status.st_uid)) {
		finding_error(&check->findings,
			      "%s: belongs to %s, who can replace the pools' "
			      "sockets: chown root %s, and start the pools "
			      "with provisor start",
			      path, cli_user_name(check->arena, status.st_uid),
			      path);
		return false;
	}
	if (!(status.st_mode & (is_socket ? S_IWOTH : S_IWGRP | S_IWOTH))
	    || (status.st_mode & S_ISVTX))
		return true;
	finding_error(&check->findings,
		      "%s: users other than root can write to it (mode %04o): "
		      "chmod %s %s",
		      path, (unsigned int)status.st_mode & 07777,
		      is_socket ? "o=" : "go-w", path);
	return false;
}

/* Check the socket, its folder and all folders above. */
static bool check_way_to(struct check *check, const char *socket)
{
	char *folder =
		realpath(dirname(arena_strdup(check->arena, socket)), NULL);
	char *end = folder;
	bool is_safe = check_root_owns(check, socket);

	while (is_safe && end) {
		is_safe = check_root_owns(check, *folder ? folder : "/");
		end = strrchr(folder, '/');
		if (end)
			*end = '\0';
	}
	free(folder);
	return is_safe;
}

void check_sockets(struct check *check)
{
	uintmax_t inodes[METRICS_SLOTS];
	pid_t pids[METRICS_SLOTS];
	int count = pools_worker_pids(pids), known = 0;

	for (int i = 0; i < count; i++) {
		uintmax_t inode = find_socket_inode(check->arena, pids[i]);
		const char *path;
		bool is_new = inode != 0;

		for (int k = 0; k < known; k++)
			is_new &= inodes[k] != inode;
		if (!is_new)
			continue;
		inodes[known++] = inode;
		path = find_socket_path(check->arena, pids[i], inode);
		if (!path)
			continue;
		/* Both sockets are usually in one folder: report it once. */
		if (!check_way_to(check, path))
			return;
		finding_ok(&check->findings,
			   "%s: no other user can replace this socket", path);
		if (known == 1)
			vendor_socket_check(
				check,
				dirname(arena_strdup(check->arena, path)));
	}
}
