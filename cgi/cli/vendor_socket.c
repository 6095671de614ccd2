#include "cgi/cli/vendor_socket.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cgi/cli/check.h"
#include "cgi/cli/cli.h"
#include "cgi/cli/pool_table.h"
#include "lib/base/arena.h"

#define VENDOR_FOLDER POOL_FOLDER "/vendor"
#define VENDOR_LINK POOL_FOLDER "/vendor.sock"
#define VENDOR_SOCKET "vendor/api.sock" /* below the folder of the pools */

/* Return true if path is a socket on which no process listens. */
static bool is_left_over(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_refused;

	if (client < 0)
		return false;
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	is_refused = connect(client, (const struct sockaddr *)&address,
			     sizeof address)
			!= 0
		&& errno == ECONNREFUSED;
	close(client);
	return is_refused;
}

/* Only root can write to the folder of the pools, so these names are safe. */
bool vendor_socket_prepare(void)
{
	const struct group *group = getgrnam(VENDOR_GROUP);

	if (!group)
		return true;
	if ((mkdir(VENDOR_FOLDER, 0700) != 0 && errno != EEXIST)
	    || lchown(VENDOR_FOLDER, 0, group->gr_gid) != 0
	    || chmod(VENDOR_FOLDER, 0750) != 0
	    || (symlink(VENDOR_SOCKET, VENDOR_LINK) != 0 && errno != EEXIST)) {
		cli_fail("%s: cannot be made (%s)", VENDOR_FOLDER,
			 strerror(errno));
		return false;
	}
	if (is_left_over(POOL_FOLDER "/" VENDOR_SOCKET))
		unlink(POOL_FOLDER "/" VENDOR_SOCKET);
	return true;
}

/* Return why others can enter the folder, or NULL. */
static const char *find_opening(const struct stat *status)
{
	const struct group *group = getgrgid(status->st_gid);

	if (status->st_uid != 0 && status->st_uid != geteuid())
		return "belongs to another user than root";
	if (status->st_mode & (S_IWGRP | S_IRWXO))
		return "can be changed, or entered by every user";
	if ((status->st_mode & S_IXGRP)
	    && (!group || strcmp(group->gr_name, VENDOR_GROUP) != 0))
		return "can be entered by another group than " VENDOR_GROUP;
	return NULL;
}

void vendor_socket_check(struct check *check, const char *sockets)
{
	const char *folder = arena_printf(check->arena, "%s/vendor", sockets);
	const char *socket =
		arena_printf(check->arena, "%s/" VENDOR_SOCKET, sockets);
	struct stat status;
	const char *opening;

	if (lstat(folder, &status) != 0)
		return;
	opening = S_ISDIR(status.st_mode) ? find_opening(&status)
					  : "is not a folder";
	if (opening)
		finding_error(&check->findings,
			      "%s: %s, so others can call the local API: "
			      "chown root:" VENDOR_GROUP " %s && chmod 0750 %s",
			      folder, opening, folder, folder);
	else if (is_left_over(socket))
		finding_error(&check->findings,
			      "%s: no process listens on it, and nginx cannot "
			      "start while it is there: rm %s",
			      socket, socket);
	else
		finding_ok(&check->findings,
			   "%s: no other user can call the local API", folder);
}
