#include "lib/base/file_replace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/base/write_whole.h"

/* Ordinary users may not even set the owner that a file has. */
static bool copy_owner_and_mode(int file, const struct stat *like)
{
	struct stat now;
	bool is_owned;

	if (fstat(file, &now) != 0)
		return false;
	is_owned = (like->st_uid == (uid_t)-1 || like->st_uid == now.st_uid)
		&& (like->st_gid == (gid_t)-1 || like->st_gid == now.st_gid);
	return (is_owned || fchown(file, like->st_uid, like->st_gid) == 0)
		&& fchmod(file, like->st_mode & 07777) == 0;
}

/* Open the new file.  A process that was killed may have left one with the same
 * name. */
static int create_new_file(int folder, const char *name)
{
	unlinkat(folder, name, 0);
	return openat(folder, name,
		      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		      0600);
}

bool file_replace(int folder, const char *name, const char *bytes,
		  size_t length, const struct stat *like)
{
	char new[NAME_MAX + 1];
	bool has_name = snprintf(new, sizeof new, ".%s.%d", name, (int)getpid())
		< (int)sizeof new;
	int file = has_name ? create_new_file(folder, new) : -1;
	bool done;
	int saved;

	if (!has_name)
		errno = ENAMETOOLONG;
	if (file < 0)
		return false;
	done = write_whole(file, bytes, length)
		&& copy_owner_and_mode(file, like) && fsync(file) == 0
		&& renameat(folder, new, folder, name) == 0;
	saved = errno;
	close(file);
	if (done)
		fsync(folder); /* the file is in place, even if this fails */
	else
		unlinkat(folder, new, 0);
	errno = saved;
	return done;
}
