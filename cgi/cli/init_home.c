#include "cgi/cli/init_home.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "lib/base/arena.h"
#include "lib/crypto/random.h"

enum { OPEN_FOLDER = O_RDONLY | O_DIRECTORY | O_CLOEXEC };

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

/* ---- the folder of a marketplace ---- */

bool init_folder_open(struct init_folder *folder, bool follows_links)
{
	folder->descriptor = -1;
	folder->is_created = mkdir(folder->path, 0755) == 0;
	if (!folder->is_created && errno != EEXIST)
		return fail_at(folder->path);
	folder->descriptor = open(
		folder->path, OPEN_FOLDER | (follows_links ? 0 : O_NOFOLLOW));
	if (folder->descriptor >= 0)
		return true;
	cli_fail("%s: cannot be opened (%s): it must be a folder and, if other "
		 "users can write the folder above, not a link",
		 folder->path, strerror(errno));
	return false;
}

void init_folder_close(struct init_folder *folder, bool removes)
{
	if (removes && folder->is_created)
		rmdir(folder->path); /* only if it is empty */
	if (folder->descriptor >= 0)
		close(folder->descriptor);
}

/* ---- files ---- */

/* Let the readers read what root has created. */
static bool set_mode(const struct init_home *home, int file, mode_t mode)
{
	if (home->readers == (gid_t)-1)
		return true;
	return fchown(file, (uid_t)-1, home->readers) == 0
		&& fchmod(file, mode & 0100 ? 0755 : 0640) == 0;
}

/* Create a folder and open it.  Return -1 if that fails, or if another user has
 * replaced the folder. */
static int create_folder(const struct init_home *home, int parent,
			 const char *name)
{
	struct stat status;
	int folder = mkdirat(parent, name, 0700) != 0
		? -1
		: openat(parent, name, OPEN_FOLDER | O_NOFOLLOW);

	if (folder < 0)
		return -1;
	if (fstat(folder, &status) == 0 && status.st_uid == geteuid()
	    && set_mode(home, folder, status.st_mode))
		return folder;
	close(folder);
	return -1;
}

static bool write_file(const struct init_home *home, int folder,
		       const struct init_file *file)
{
	const char *text = init_files_text(home->arena, file, &home->names);
	ssize_t length = (ssize_t)strlen(text);
	int descriptor =
		openat(folder, file->name,
		       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		       file->mode);
	bool done = descriptor >= 0
		&& write(descriptor, text, (size_t)length) == length
		&& set_mode(home, descriptor, file->mode)
		&& fsync(descriptor) == 0;

	if (descriptor >= 0 && close(descriptor) != 0)
		done = false;
	return done;
}

static bool has_file(const struct init_home *home, const struct init_file *file)
{
	return file->listener == ADDON_NO_LISTENER
		|| file->listener == home->listener;
}

static bool create_hooks_folder(const struct init_home *home)
{
	int folder = create_folder(home, home->descriptor, "hooks");

	if (folder >= 0)
		close(folder);
	return folder >= 0;
}

static bool write_files(const struct init_home *home)
{
	const struct init_file *file = init_files;

	if (home->listener == ADDON_EXEC && !create_hooks_folder(home))
		return false;
	for (; file->name; file++)
		if (has_file(home, file)
		    && !write_file(home, home->descriptor, file))
			return false;
	return true;
}

/* ---- the home ---- */

bool init_home_write(struct init_home *home)
{
	const char *draft =
		arena_printf(home->arena, ".%s.%s", home->names.slug,
			     random_text(home->arena, 6));

	home->descriptor = create_folder(home, home->folder->descriptor, draft);
	if (home->descriptor < 0)
		return fail_at(home->path);
	home->written = draft;
	return write_files(home) || fail_at(home->path);
}

/* Some file systems do not support RENAME_NOREPLACE.  Use renameat() there,
 * which replaces at most an empty folder. */
bool init_home_place(struct init_home *home)
{
	int folder = home->folder->descriptor;
	const char *slug = home->names.slug;
	bool done =
		renameat2(folder, home->written, folder, slug, RENAME_NOREPLACE)
		== 0;

	if (!done && errno == EINVAL)
		done = renameat(folder, home->written, folder, slug) == 0;
	if (!done && (errno == EEXIST || errno == ENOTEMPTY))
		return init_home_refuse_existing(home->path);
	if (!done)
		return fail_at(home->path);
	home->written = slug;
	return true;
}

static void remove_home(const struct init_home *home)
{
	for (const struct init_file *file = init_files; file->name; file++)
		unlinkat(home->descriptor, file->name, 0);
	unlinkat(home->descriptor, "hooks", AT_REMOVEDIR);
	unlinkat(home->folder->descriptor, home->written, AT_REMOVEDIR);
}

void init_home_close(const struct init_home *home, bool removes)
{
	if (!home->written)
		return;
	if (removes)
		remove_home(home);
	close(home->descriptor);
}
