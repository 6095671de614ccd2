#include "lib/base/file_watch.h"

#include <sys/stat.h>

#include "lib/base/arena.h"

struct watched_file {
	const struct watched_file *next;
	const char *path;
	struct stat status; /* all zero: the file does not exist */
};

struct file_watch {
	struct arena *arena;
	const struct watched_file *files;
};

struct file_watch *file_watch_create(struct arena *arena)
{
	struct file_watch *watch = arena_alloc(arena, sizeof *watch);

	watch->arena = arena;
	return watch;
}

static struct stat read_status(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? status : (struct stat){ 0 };
}

void file_watch_add(struct file_watch *watch, const char *path)
{
	struct watched_file *file = arena_alloc(watch->arena, sizeof *file);

	file->path = arena_strdup(watch->arena, path);
	file->status = read_status(path);
	file->next = watch->files;
	watch->files = file;
}

static bool is_same_status(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino
		&& a->st_size == b->st_size && a->st_mode == b->st_mode
		&& a->st_uid == b->st_uid
		&& a->st_mtim.tv_sec == b->st_mtim.tv_sec
		&& a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool file_watch_has_changed(const struct file_watch *watch)
{
	for (const struct watched_file *f = watch->files; f; f = f->next) {
		struct stat now = read_status(f->path);

		if (!is_same_status(&f->status, &now))
			return true;
	}
	return false;
}
