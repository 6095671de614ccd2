/*
 * keys.h - keys that seal, in a file in the folder of files.h.
 */
#ifndef KEYS_H
#define KEYS_H

#include "files.h"

#include "lib/crypto/sealing_keys.h"

/* The base64 of two keys. */
#define KEYS_A "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define KEYS_B "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="

static inline void keys_close(void *keys)
{
	sealing_keys_close(keys);
}

/* Open a keys file with these lines until the end of the test. */
static inline struct sealing_keys *keys_open(const char *lines)
{
	struct sealing_keys *keys =
		sealing_keys_open(files_write("keys", lines), &findings);

	assert_non_null(keys);
	arena_defer(arena, keys_close, keys);
	return keys;
}

#endif
