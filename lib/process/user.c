#include "lib/process/user.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

bool user_become(uid_t user)
{
	const struct passwd *entry;

	if (geteuid() != 0 || user == 0)
		return true;
	errno = 0;
	entry = getpwuid(user);
	if (!entry && errno == 0)
		errno = ESRCH;
	return entry && initgroups(entry->pw_name, entry->pw_gid) == 0
		&& setgid(entry->pw_gid) == 0 && setuid(user) == 0;
}

/* Exit with 0, or with errno if user cannot read path.  Opening is not enough:
 * a folder can be opened but not read. */
static _Noreturn void try_to_read(uid_t user, const char *path)
{
	int file = user_become(user) ? open(path, O_RDONLY | O_NONBLOCK) : -1;
	char byte;

	_exit(file >= 0 && read(file, &byte, sizeof byte) >= 0 ? 0 : errno);
}

bool user_can_read(uid_t user, const char *path)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		return false;
	if (child == 0)
		try_to_read(user, path);
	if (waitpid(child, &status, 0) < 0)
		return false;
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	return errno == 0;
}
