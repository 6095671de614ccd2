/*
 * keys_file.h - changing the keys file, whole or not at all.
 *
 * A change is written beside the file and takes its place, so that whoever
 * reads it sees the old one or the new one.  Owner, mode, comments and the
 * order of all other lines stay as they were.
 *
 * What the lines mean is secret.h's; a line whose id cannot be told is left
 * where it stands.
 */
#ifndef LIB_CRYPTO_KEYS_FILE_H
#define LIB_CRYPTO_KEYS_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;
struct keys_file;

/*
 * Read the file.  While it is open, another keys_file_open() waits.  Where
 * there is no file and user is one (not -1), it begins empty, and is made with
 * mode 0600 for user.  NULL when it cannot be read; errno tells why.  The
 * caller ends it with keys_file_close().
 */
struct keys_file *keys_file_open(const char *path, uid_t user);
void keys_file_close(struct keys_file *file); /* NULL does nothing */

/* How many keys stand before that with this id; -1: there is none. */
int keys_file_find(const struct keys_file *file, const char *id);

int keys_file_count(const struct keys_file *file);

/* Milliseconds since the file was changed last; 0 for a new one. */
int64_t keys_file_age(const struct keys_file *file);

/* Add a key behind the last line. */
void keys_file_add(struct keys_file *file, const char *id, const char *key);

/* Move the key with this id, which must be there, before all others. */
void keys_file_use(struct keys_file *file, const char *id);

/* Take out the key with this id. */
void keys_file_drop(struct keys_file *file, const char *id);

/* Let what has been changed take effect.  False: nothing has; errno tells
 * why. */
bool keys_file_write(struct keys_file *file);

#endif
