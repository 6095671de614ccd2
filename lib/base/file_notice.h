/*
 * file_notice.h - tells when to look for changed files.
 *
 * Looking costs a system call for each file (file_watch.h), so it is too
 * expensive before every request.  With inotify, one system call tells whether
 * anything may have changed.  A report is only a hint: it may be about another
 * file.
 *
 * Where the kernel cannot report all changes, a look is due once a second.
 * That is so for files of network file systems, and if the limits of inotify
 * are used up.  Some changes are never reported, such as that of a file through
 * another hard link, so a look is due once a minute in any case.
 */
#ifndef LIB_BASE_FILE_NOTICE_H
#define LIB_BASE_FILE_NOTICE_H

#include <stdbool.h>

#include "lib/base/base.h"

struct file_notice;

/* Return a notice without files.  The caller releases it with
 * file_notice_close(). */
MUST_CHECK struct file_notice *file_notice_open(void);
void file_notice_close(struct file_notice *notice); /* does nothing for NULL */

/*
 * Add an absolute path, which need not exist.  Folders and symbolic links on
 * the way to it may be replaced, too.  Paths of one folder should follow one
 * another.
 */
void file_notice_add(struct file_notice *notice, const char *path);

/*
 * Return true if the caller should look now.  The first call returns true, so
 * a change before a path was added is found, too.
 *
 * After a look there is a pause of 20 us for each path, so that frequent
 * reports cost no more than a few percent of the time.
 */
MUST_CHECK bool file_notice_is_due(struct file_notice *notice);

#endif
