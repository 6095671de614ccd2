#include "cgi/cli/pool_files.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/pool_processes.h"
#include "cgi/cli/pool_table.h"
#include "lib/base/arena.h"

enum { BACKLOG = 1024 }; /* requests that wait, as in provisor@.socket */

static bool fail_with_path(const char *path, const char *what)
{
	cli_fail("%s: cannot be %s (%s)", path, what, strerror(errno));
	return false;
}

/* ---- folders ---- */

/* Root works in this folder by name, so only root may change it. */
static bool make_root_folder(const char *path)
{
	struct stat status;

	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		return fail_with_path(path, "created");
	if (lstat(path, &status) != 0)
		return fail_with_path(path, "examined");
	if (S_ISDIR(status.st_mode) && status.st_uid == 0
	    && !(status.st_mode & (S_IWGRP | S_IWOTH)))
		return true;
	cli_fail("%s: must be a folder that only root can change: chown root: "
		 "%s && chmod 755 %s",
		 path, path, path);
	return false;
}

/* Only root can replace it before it gets its owner. */
static bool make_state_folder(const char *path, const struct passwd *user)
{
	if (mkdir(path, 0750) != 0)
		return errno == EEXIST || fail_with_path(path, "created");
	return lchown(path, user->pw_uid, user->pw_gid) == 0
		|| fail_with_path(path, "given to the pools' user");
}

static bool lock_pools(void)
{
	const char *path = POOL_FOLDER "/lock";
	int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (lock < 0)
		return fail_with_path(path, "opened");
	if (flock(lock, LOCK_EX | LOCK_NB) == 0)
		return true;
	fputs("provisor: another provisor start, stop or restart is running: "
	      "waiting for it\n",
	      stderr);
	return flock(lock, LOCK_EX) == 0 || fail_with_path(path, "locked");
}

bool pool_files_lock(const struct cli *cli)
{
	const struct passwd *user = getpwnam(POOL_USER);
	const char *metrics = cli->settings.metrics;

	if (!user) {
		cli_fail(
			"the pools' user \"%s\" does not exist: create it as in "
			"provisor-operate(7), FROM SOURCE",
			POOL_USER);
		return false;
	}
	return make_root_folder(POOL_FOLDER) && lock_pools()
		&& (!metrics
		    || make_state_folder(
			    dirname(arena_strdup(cli->arena, metrics)), user));
}

/* ---- sockets ---- */

static struct sockaddr_un socket_address(const struct pool *pool)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof address.sun_path, "%s", pool->socket);
	return address;
}

bool pool_files_has_socket(const struct pool *pool)
{
	struct stat status;

	return lstat(pool->socket, &status) == 0 && S_ISSOCK(status.st_mode);
}

/* Return true if a process listens on the pool's path. */
static bool is_served(const struct pool *pool)
{
	const struct sockaddr_un address = socket_address(pool);
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_connected = client >= 0
		&& connect(client, (const struct sockaddr *)&address,
			   sizeof address)
			== 0;

	if (client >= 0)
		close(client);
	return is_connected;
}

static bool find_pool_socket_owner(const struct cli *cli,
				   const struct pool *pool, uid_t *user,
				   gid_t *group)
{
	const char *group_name = pool->socket_group
		? pool->socket_group
		: cli->settings.socket_group;
	const struct passwd *owner = getpwnam(pool->socket_user);
	const struct group *members = getgrnam(group_name);

	if (owner && members) {
		*user = owner->pw_uid;
		*group = members->gr_gid;
		return true;
	}
	if (!owner)
		cli_fail("%s: there is no user \"%s\"", pool->name,
			 pool->socket_user);
	else
		cli_fail("%s: there is no group \"%s\": set "
			 "PROVISOR_SOCKET_GROUP to the group of nginx's "
			 "workers",
			 pool->name, group_name);
	return false;
}

/* Clients are refused until listen(), so none connects before the owner is
 * set. */
static bool bind_socket(int listener, const struct pool *pool, uid_t user,
			gid_t group)
{
	const struct sockaddr_un address = socket_address(pool);
	mode_t mask = umask(0117);
	bool is_bound = (unlink(pool->socket) == 0 || errno == ENOENT)
		&& bind(listener, (const struct sockaddr *)&address,
			sizeof address)
			== 0;

	umask(mask);
	return is_bound && lchown(pool->socket, user, group) == 0
		&& listen(listener, BACKLOG) == 0;
}

int pool_files_listen(const struct cli *cli, const struct pool *pool)
{
	uid_t user;
	gid_t group;
	int listener;

	if (!find_pool_socket_owner(cli, pool, &user, &group))
		return -1;
	if (is_served(pool)) {
		cli_fail(
			"%s: another process is listening on %s: stop it first",
			pool->name, pool->socket);
		return -1;
	}
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener >= 0 && bind_socket(listener, pool, user, group))
		return listener;
	fail_with_path(pool->socket, "served");
	if (listener >= 0)
		close(listener);
	return -1;
}

/* The manager's user could pass another socket. */
static bool is_socket_of(int listener, const struct pool *pool)
{
	struct sockaddr_un address = { .sun_family = AF_UNSPEC };
	socklen_t size = sizeof address;
	int is_listening = 0;
	socklen_t flag_size = sizeof is_listening;

	return getsockopt(listener, SOL_SOCKET, SO_ACCEPTCONN, &is_listening,
			  &flag_size)
		== 0
		&& is_listening
		&& getsockname(listener, (struct sockaddr *)&address, &size)
		== 0
		&& address.sun_family == AF_UNIX
		&& strncmp(address.sun_path, pool->socket,
			   sizeof address.sun_path)
		== 0;
}

int pool_files_take_socket(const struct pool *pool,
			   const struct pool_process *manager)
{
	int listener;

	if (!pool->socket || !manager->pid || !pool_files_has_socket(pool))
		return -1;
	listener = pidfd_getfd(manager->pidfd, STDIN_FILENO, 0);
	if (listener < 0 || is_socket_of(listener, pool))
		return listener;
	close(listener);
	return -1;
}

/* ---- pid files ---- */

static const char *pid_path(struct arena *arena, const struct pool *pool)
{
	return arena_printf(arena, "%s/%s.pid", POOL_FOLDER, pool->name);
}

bool pool_files_write_pid(struct arena *arena, const struct pool *pool,
			  pid_t pid)
{
	const char *path = pid_path(arena, pool);
	const char *new = arena_printf(arena, "%s.new", path);
	FILE *file = fopen(new, "we");
	bool is_written = file && fprintf(file, "%d\n", (int)pid) > 0;

	if (file && fclose(file) != 0)
		is_written = false;
	return (is_written && rename(new, path) == 0)
		|| fail_with_path(path, "written");
}

void pool_files_remove(struct arena *arena, const struct pool *pool,
		       bool keeps_socket)
{
	unlink(pid_path(arena, pool));
	if (pool->socket && !keeps_socket)
		unlink(pool->socket);
}
