/*
 * plain_file.h - opens files without waiting.
 *
 * Root's commands read files in folders that other users can write.  If such a
 * user puts a named pipe there, fopen() would wait for a writer forever.
 */
#ifndef LIB_BASE_PLAIN_FILE_H
#define LIB_BASE_PLAIN_FILE_H

#include <stdio.h>

#include "lib/base/base.h"

/* Open a file to read it.  A named pipe is empty, or fails to be read.  Return
 * NULL with the reason in errno. */
MUST_CHECK FILE *plain_file_open(const char *path);

#endif
