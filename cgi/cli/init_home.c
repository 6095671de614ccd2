#include "cgi/cli/init_home.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "lib/base/arena.h"

static bool fail_at(const char *path)
{
	cli_fail("%s: cannot be created (%s); nothing is left there", path,
		 strerror(errno));
	return false;
}

bool init_home_refuse_existing(const char *path)
{
	cli_fail("%s: exists already and stays unchanged: choose another slug",
		 path);
	return false;
}

/* Only root can change the owner of a file. */
static bool hand_over(int file, const struct init_owner *owner)
{
	return geteuid() != 0 || fchown(file, owner->user, owner->group) == 0;
}

static bool hand_over_folder(int parent, const char *path,
			     const struct init_owner *owner)
{
	int folder = openat(parent, path,
			    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool done = folder >= 0 && hand_over(folder, owner);

	if (folder >= 0)
		close(folder);
	return done;
}

bool init_home_create_folder(const char *path, const struct init_owner *owner,
			     bool *created)
{
	if (mkdir(path, 0755) != 0)
		return errno == EEXIST || fail_at(path);
	*created = true;
	return hand_over_folder(AT_FDCWD, path, owner) || fail_at(path);
}

static bool write_file(int folder, const char *name, mode_t mode,
		       const char *text, const struct init_owner *owner)
{
	ssize_t length = (ssize_t)strlen(text);
	int file = openat(folder, name,
			  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			  mode);
	bool done = file >= 0 && write(file, text, (size_t)length) == length
		&& hand_over(file, owner) && fsync(file) == 0;

	if (file >= 0 && close(file) != 0)
		done = false;
	return done;
}

static bool has_file(const struct init_home *home, const struct init_file *file)
{
	return file->listener == ADDON_NO_LISTENER
		|| file->listener == home->listener;
}

static bool write_files(const struct init_home *home, int folder)
{
	const struct init_file *file = init_files;

	if (home->listener == ADDON_EXEC
	    && (mkdirat(folder, "hooks", 0700) != 0
		|| !hand_over_folder(folder, "hooks", &home->owner)))
		return false;
	for (; file->name; file++)
		if (has_file(home, file)
		    && !write_file(
			    folder, file->name, file->mode,
			    init_files_text(home->arena, file, &home->names),
			    &home->owner))
			return false;
	return hand_over(folder, &home->owner);
}

bool init_home_write(struct init_home *home)
{
	char *draft = arena_printf(home->arena, "%s/.%s.XXXXXX", home->folder,
				   home->names.slug);
	bool done;
	int folder;

	home->written = mkdtemp(draft);
	if (!home->written)
		return fail_at(home->path);
	folder = open(draft, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	done = (folder >= 0 && write_files(home, folder))
		|| fail_at(home->path);
	if (folder >= 0)
		close(folder);
	return done;
}

/* Some file systems do not support RENAME_NOREPLACE.  Use rename() there, which
 * replaces at most an empty folder. */
bool init_home_place(struct init_home *home)
{
	bool done = renameat2(AT_FDCWD, home->written, AT_FDCWD, home->path,
			      RENAME_NOREPLACE)
		== 0;

	if (!done && errno == EINVAL)
		done = rename(home->written, home->path) == 0;
	if (!done && (errno == EEXIST || errno == ENOTEMPTY))
		return init_home_refuse_existing(home->path);
	if (!done)
		return fail_at(home->path);
	home->written = home->path;
	return true;
}

void init_home_remove(const struct init_home *home)
{
	const struct init_file *file = init_files;

	if (!home->written)
		return;
	for (; file->name; file++)
		unlink(arena_printf(home->arena, "%s/%s", home->written,
				    file->name));
	rmdir(arena_printf(home->arena, "%s/hooks", home->written));
	rmdir(home->written);
}
