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
	struct stat status;
	bool is_refused;
	int client;

	if (lstat(path, &status) != 0 || !S_ISSOCK(status.st_mode))
		return false;
	client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
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

static bool fail_vendor_path(const char *path, const char *what)
{
	cli_fail("%s: cannot be %s (%s)", path, what, strerror(errno));
	return false;
}

static bool fail_vendor_place(const char *path, const char *what)
{
	cli_fail("%s: is not %s: remove it, and run provisor start again", path,
		 what);
	return false;
}

/* chmod() would follow a link.  Only root can replace the folder after it was
 * examined. */
static bool make_folder(const struct group *group)
{
	struct stat status;

	if (mkdir(VENDOR_FOLDER, 0700) != 0 && errno != EEXIST)
		return fail_vendor_path(VENDOR_FOLDER, "created");
	if (lstat(VENDOR_FOLDER, &status) != 0)
		return fail_vendor_path(VENDOR_FOLDER, "examined");
	if (!S_ISDIR(status.st_mode))
		return fail_vendor_place(VENDOR_FOLDER, "a folder");
	return (lchown(VENDOR_FOLDER, 0, group->gr_gid) == 0
		&& chmod(VENDOR_FOLDER, 0750) == 0)
		|| fail_vendor_path(VENDOR_FOLDER,
				    "given to root and " VENDOR_GROUP);
}

static bool make_link(void)
{
	char target[sizeof VENDOR_SOCKET + 1] = "";

	if (symlink(VENDOR_SOCKET, VENDOR_LINK) == 0)
		return true;
	if (errno != EEXIST)
		return fail_vendor_path(VENDOR_LINK, "created");
	return (readlink(VENDOR_LINK, target, sizeof target - 1) > 0
		&& strcmp(target, VENDOR_SOCKET) == 0)
		|| fail_vendor_place(VENDOR_LINK, "a link to " VENDOR_SOCKET);
}

bool vendor_socket_prepare(void)
{
	const struct group *group = getgrnam(VENDOR_GROUP);

	if (!group)
		return true;
	if (!make_folder(group) || !make_link())
		return false;
	if (is_left_over(POOL_FOLDER "/" VENDOR_SOCKET))
		unlink(POOL_FOLDER "/" VENDOR_SOCKET);
	return true;
}

/* Return why others can enter the folder, or NULL. */
static const char *find_opening(const struct stat *status)
{
	const struct group *group = getgrgid(status->st_gid);

	if (status->st_uid != 0 && status->st_uid != geteuid())
		return "does not belong to root";
	if (status->st_mode & (S_IWGRP | S_IRWXO))
		return "can be changed, or entered by every user";
	if ((status->st_mode & S_IXGRP)
	    && (!group || strcmp(group->gr_name, VENDOR_GROUP) != 0))
		return "can be entered by a group other than " VENDOR_GROUP;
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
	else if (!*check->settings.server_key && access(socket, F_OK) == 0)
		finding_warning(&check->findings,
				"%s: the pools refuse the local API, because "
				"PROVISOR_SERVER_KEY is empty: create the key "
				"as in provisor-operate(7), Key of nginx's "
				"sites",
				socket);
	else
		finding_ok(&check->findings,
			   "%s: no other user can call the local API", folder);
}
