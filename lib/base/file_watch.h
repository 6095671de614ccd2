/*
 * file_watch.h - notices that one of several files has changed.
 *
 * A file has changed if its device, inode, size, owner, mode or modification
 * time (in nanoseconds) differs: it was written, replaced, created or removed.
 */
#ifndef LIB_BASE_FILE_WATCH_H
#define LIB_BASE_FILE_WATCH_H

#include <stdbool.h>

#include "lib/base/base.h"

struct arena;
struct file_watch;

/* Return a watch without files that lives as long as the arena. */
MUST_CHECK struct file_watch *file_watch_create(struct arena *arena);

/* Watch path, which is copied and need not exist.  Call this before the file is
 * read: a change between the two would be missed. */
void file_watch_add(struct file_watch *watch, const char *path);

/* Return true if a file has changed since it was added. */
bool file_watch_has_changed(const struct file_watch *watch);

#endif
