#include "lib/base/file_notice.h"

#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"

enum {
	LONGEST_PAUSE = 60000, /* ms between two looks */
	BLIND_PAUSE = 1000,    /* ms, where the kernel does not report */
	PAUSE_PER_PATH = 20,   /* us */
	MOST_LINKS = 16,       /* each of which leads to the next */
	/* The magic numbers that <linux/magic.h> does not have. */
	XFS_MAGIC = 0x58465342,
	ZFS_MAGIC = 0x2fc12fc1
};

struct file_notice {
	int inotify; /* -1: the kernel does not report all changes */
	int64_t paths;
	bool has_report;
	int64_t looked_at; /* of clock_now() */

	/* The folder and the path that were added last. */
	char folder[PATH_MAX];
	char path[PATH_MAX];
};

/* For a folder on the way to a file: the folder is replaced. */
static const uint32_t own_events = IN_DELETE_SELF | IN_MOVE_SELF;

/* For a folder whose entries are watched. */
static const uint32_t entry_events = IN_DELETE_SELF | IN_MOVE_SELF | IN_CREATE
	| IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_MODIFY
	| IN_CLOSE_WRITE;

static void log_blindness(const char *path)
{
	log_info("files are checked for changes once a second, because the "
		 "kernel cannot report them (%s): %s",
		 strerror(errno), path);
}

struct file_notice *file_notice_open(void)
{
	struct file_notice *notice = must(calloc(1, sizeof *notice));

	notice->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	notice->has_report = true;
	notice->looked_at = INT64_MIN / 2;
	if (notice->inotify < 0)
		log_blindness("any file");
	return notice;
}

static void close_inotify(struct file_notice *notice)
{
	if (notice->inotify >= 0)
		close(notice->inotify);
	notice->inotify = -1;
}

void file_notice_close(struct file_notice *notice)
{
	if (notice)
		close_inotify(notice);
	free(notice);
}

/* ---- adding ---- */

/* Return true if only this host can change the files of a folder. */
static bool is_local(const char *folder)
{
	static const long types[] = {
		EXT4_SUPER_MAGIC,  XFS_MAGIC,
		BTRFS_SUPER_MAGIC, F2FS_SUPER_MAGIC,
		ZFS_MAGIC,         TMPFS_MAGIC,
		RAMFS_MAGIC,       OVERLAYFS_SUPER_MAGIC,
	};
	struct statfs status;

	if (statfs(folder, &status) != 0)
		return errno == ENOENT;
	for (size_t i = 0; i < COUNT(types); i++)
		if (status.f_type == types[i])
			return true;
	errno = EREMOTE;
	return false;
}

/* Return true also if the folder does not exist: then an entry of the folder
 * above it is watched. */
static bool watch_folder(struct file_notice *notice, const char *folder,
			 uint32_t events)
{
	if (inotify_add_watch(notice->inotify, folder,
			      events | IN_ONLYDIR | IN_MASK_ADD)
	    >= 0)
		return true;
	return errno == ENOENT || errno == ENOTDIR;
}

static bool watch_entries(struct file_notice *notice, const char *folder)
{
	if (strcmp(notice->folder, folder) == 0)
		return true;
	strcpy(notice->folder, folder);
	return watch_folder(notice, folder, entry_events) && is_local(folder);
}

static bool watch_way(struct file_notice *notice, const char *path,
		      size_t start, int links);

/* Watch the way to the target of a link in folder. */
static bool watch_target(struct file_notice *notice, const char *folder,
			 const char *target, int links)
{
	char path[2 * PATH_MAX];
	size_t length = 0;

	if (links == 0) {
		errno = ELOOP;
		return false;
	}
	if (*target != '/')
		length = (size_t)(stpcpy(stpcpy(path, folder), "/") - path);
	strcpy(path + length, target);
	return watch_way(notice, path, 0, links - 1);
}

/* Watch a component of a path: the entry of folder at way. */
static bool watch_component(struct file_notice *notice, const char *folder,
			    const char *way, bool is_last, int links,
			    bool *is_missing)
{
	char target[PATH_MAX];
	ssize_t length = readlink(way, target, sizeof target - 1);

	if (length >= 0) {
		target[length] = '\0';
		return watch_entries(notice, folder)
			&& watch_target(notice, folder, target, links);
	}
	*is_missing = errno == ENOENT || errno == ENOTDIR;
	if (*is_missing)
		return watch_entries(notice, folder);
	if (errno != EINVAL) /* not a link */
		return false;
	if (is_last)
		return watch_entries(notice, folder)
			&& watch_folder(notice, way, entry_events);
	return watch_folder(notice, way, own_events);
}

/* Watch each component of path after its first start bytes. */
static bool watch_way(struct file_notice *notice, const char *path,
		      size_t start, int links)
{
	char way[PATH_MAX], folder[PATH_MAX];
	bool is_missing = false;

	if (strlen(path) >= sizeof way) {
		errno = ENAMETOOLONG;
		return false;
	}
	for (const char *at = path + start; *at && !is_missing;) {
		size_t above = (size_t)(at - path);
		const char *end = strchrnul(at + 1, '/');

		memcpy(way, path, (size_t)(end - path));
		way[end - path] = '\0';
		memcpy(folder, path, above);
		strcpy(folder + above, above > 0 ? "" : "/");
		if (!watch_component(notice, folder, way, !*end, links,
				     &is_missing))
			return false;
		at = end;
	}
	return true;
}

/* Return the length of the folders in which both a and b are. */
static size_t measure_shared_way(const char *a, const char *b)
{
	size_t shared = 0;

	for (size_t i = 0; a[i] == b[i] && a[i]; i++)
		if (b[i + 1] == '/' && (a[i + 1] == '/' || !a[i + 1]))
			shared = i + 1;
	return shared;
}

void file_notice_add(struct file_notice *notice, const char *path)
{
	size_t shared = measure_shared_way(notice->path, path);

	notice->paths++;
	if (notice->inotify < 0)
		return;
	errno = EINVAL;
	if (*path == '/' && watch_way(notice, path, shared, MOST_LINKS)) {
		strcpy(notice->path, path);
		return;
	}
	log_blindness(path);
	close_inotify(notice);
}

/* ---- asking ---- */

/* Take as many reports as one read returns.  A folder in which files change all
 * the time must not keep its reader busy, so the rest waits for the next call.
 */
static bool has_reports(const struct file_notice *notice)
{
	char events[4096];

	return read(notice->inotify, events, sizeof events) > 0;
}

bool file_notice_is_due(struct file_notice *notice)
{
	bool is_blind = notice->inotify < 0;
	int64_t pause =
		is_blind ? BLIND_PAUSE : notice->paths * PAUSE_PER_PATH / 1000;
	int64_t elapsed = clock_now() - notice->looked_at;

	if (is_blind || has_reports(notice) || elapsed >= LONGEST_PAUSE)
		notice->has_report = true;
	if (!notice->has_report || elapsed < pause)
		return false;
	notice->has_report = false;
	notice->looked_at += elapsed;
	return true;
}
