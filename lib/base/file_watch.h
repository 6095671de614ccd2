/*
 * file_watch.h - have any of these files changed?
 *
 * A file is known by device, inode, size, owner, mode and modification time (to
 * the nanosecond), so it is noticed whether it was written over or replaced.
 * One that does not exist is watched for appearing.
 */
#ifndef LIB_BASE_FILE_WATCH_H
#define LIB_BASE_FILE_WATCH_H

#include <stdbool.h>

struct arena;
struct file_watch;

/* A watch of no files; it lives as long as the arena. */
struct file_watch *file_watch_create(struct arena *arena);

/* Watch path, which is copied, from its present state on.  To be called before
 * the file is read, or a change in between would be missed. */
void file_watch_add(struct file_watch *watch, const char *path);

/* Has any file changed since it was added? */
bool file_watch_has_changed(const struct file_watch *watch);

#endif
