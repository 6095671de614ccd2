#include "lib/base/file_watch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/file_notice.h"

/* All zero: the file does not exist. */
struct file_status {
	dev_t device;
	ino_t inode;
	off_t size;
	mode_t mode;
	uid_t owner;
	struct timespec modified;
};

struct watched_file {
	struct watched_file *next;
	struct file_status status;
	char path[];
};

struct file_watch {
	struct watched_file *files;
};

struct file_watch *file_watch_open(void)
{
	return must(calloc(1, sizeof(struct file_watch)));
}

void file_watch_close(struct file_watch *watch)
{
	while (watch && watch->files) {
		struct watched_file *file = watch->files;

		watch->files = file->next;
		free(file);
	}
	free(watch);
}

static struct file_status read_status(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return (struct file_status){ 0 };
	return (struct file_status){
		.device = status.st_dev,
		.inode = status.st_ino,
		.size = status.st_size,
		.mode = status.st_mode,
		.owner = status.st_uid,
		.modified = status.st_mtim,
	};
}

void file_watch_add(struct file_watch *watch, const char *path)
{
	size_t size = strlen(path) + 1;
	struct watched_file *file = must(malloc(sizeof *file + size));

	memcpy(file->path, path, size);
	file->status = read_status(path);
	file->next = watch->files;
	watch->files = file;
}

static bool is_same_status(const struct file_status *a,
			   const struct file_status *b)
{
	return a->device == b->device && a->inode == b->inode
		&& a->size == b->size && a->mode == b->mode
		&& a->owner == b->owner
		&& a->modified.tv_sec == b->modified.tv_sec
		&& a->modified.tv_nsec == b->modified.tv_nsec;
}

bool file_watch_has_changed(const struct file_watch *watch)
{
	for (const struct watched_file *f = watch->files; f; f = f->next) {
		struct file_status now = read_status(f->path);

		if (!is_same_status(&f->status, &now))
			return true;
	}
	return false;
}

void file_watch_notify(const struct file_watch *watch,
		       struct file_notice *notice)
{
	for (const struct watched_file *f = watch->files; f; f = f->next)
		file_notice_add(notice, f->path);
}
