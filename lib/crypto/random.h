/*
 * random.h - cryptographically strong random bytes.
 *
 * The process ends after a log line if OpenSSL cannot provide them, so no
 * function here fails.  Results belong to the arena.
 */
#ifndef LIB_CRYPTO_RANDOM_H
#define LIB_CRYPTO_RANDOM_H

#include <stddef.h>

struct arena;

void random_bytes(unsigned char *bytes, size_t size);

/* Return size random bytes as base64url without padding. */
const char *random_text(struct arena *arena, size_t size);

/* Return size random bytes as base64, the form of a key in the keys file. */
const char *random_key(struct arena *arena, size_t size);

#endif
