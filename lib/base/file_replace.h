/*
 * file_replace.h - replaces a file atomically.
 */
#ifndef LIB_BASE_FILE_REPLACE_H
#define LIB_BASE_FILE_REPLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "lib/base/base.h"

/*
 * Write bytes to a new file and rename it to name, in the folder with this
 * descriptor: a reader sees the whole old content or the whole new one, also
 * after a crash.  The file gets the owner, group and mode of like, in which -1
 * as st_uid or st_gid leaves those of this process.
 *
 * No link is followed: if another user puts a link in place of either file, it
 * is replaced itself.  On failure, return false with the reason in errno and
 * the old file unchanged.
 */
MUST_CHECK bool file_replace(int folder, const char *name, const char *bytes,
			     size_t length, const struct stat *like);

#endif
