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

struct file_notice;
struct file_watch;

/* Return a watch without files.  The caller releases it with
 * file_watch_close(). */
MUST_CHECK struct file_watch *file_watch_open(void);
void file_watch_close(struct file_watch *watch); /* does nothing for NULL */

/* Watch path, which is copied and need not exist.  Call this before the file is
 * read: a change between the two would be missed. */
void file_watch_add(struct file_watch *watch, const char *path);

/* Return true if a file has changed since it was added.  This costs a system
 * call for each file; file_notice.h avoids most of them. */
MUST_CHECK bool file_watch_has_changed(const struct file_watch *watch);

/* Add the files to a notice. */
void file_watch_notify(const struct file_watch *watch,
		       struct file_notice *notice);

#endif
