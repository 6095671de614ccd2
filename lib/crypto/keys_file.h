/*
 * keys_file.h - changes the keys file atomically.
 *
 * A change is written to a new file that replaces the old one, so a reader sees
 * the whole change or none of it.  Owner, mode, comments and the order of the
 * other lines do not change.  sealing_keys.h defines the lines; a line without
 * a valid id stays where it is.
 */
#ifndef LIB_CRYPTO_KEYS_FILE_H
#define LIB_CRYPTO_KEYS_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/base.h"

struct arena;
struct keys_file;

/*
 * Read the file and lock it: another keys_file_open() waits until it is closed.
 * If there is no file and user is not -1, begin with an empty one, which will
 * get mode 0600 and the owner user.  Return NULL, with the reason in errno, if
 * the file cannot be read.  The caller releases the result with
 * keys_file_close().
 */
MUST_CHECK struct keys_file *keys_file_open(const char *path, uid_t user);
void keys_file_close(struct keys_file *file); /* does nothing for NULL */

/* Return the number of keys before the one with this id, or -1 if there is
 * none. */
int keys_file_find(const struct keys_file *file, const char *id);

int keys_file_count(const struct keys_file *file);

/* Return the milliseconds since the file was last changed; 0 for a new one. */
int64_t keys_file_age(const struct keys_file *file);

/* Add a key after the last line. */
void keys_file_add(struct keys_file *file, const char *id, const char *key);

/* Move the key with this id, which must exist, before all others. */
void keys_file_use(struct keys_file *file, const char *id);

/* Remove the key with this id, which must exist. */
void keys_file_drop(struct keys_file *file, const char *id);

/* Replace the file.  On failure, return false with the reason in errno and the
 * file unchanged. */
MUST_CHECK bool keys_file_write(struct keys_file *file);

#endif
