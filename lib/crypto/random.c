#include "lib/crypto/random.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "lib/base/arena.h"
#include "lib/base/log.h"
#include "lib/crypto/base64.h"

/*
 * Bytes that have not been handed out yet.  A call of OpenSSL takes 7,000
 * instructions and a system call, for 12 bytes and for 512.  As with OpenSSL's
 * own generator, an attacker who reads this process's memory learns the next
 * bytes, but not earlier ones, because these are wiped.
 */
static struct {
	unsigned char bytes[512];
	size_t left;
} pool;

/* The child of a fork() must not get the bytes that its parent will get. */
static void discard_pool(void)
{
	explicit_bzero(&pool, sizeof pool);
}

static void fill_pool(void)
{
	static bool is_registered;

	if (!is_registered && pthread_atfork(NULL, NULL, discard_pool) != 0)
		abort();
	is_registered = true;
	if (RAND_bytes(pool.bytes, sizeof pool.bytes) != 1) {
		log_error("OpenSSL has no random bytes");
		abort();
	}
	pool.left = sizeof pool.bytes;
}

void random_bytes(unsigned char *bytes, size_t size)
{
	while (size > 0) {
		size_t count;

		if (pool.left == 0)
			fill_pool();
		count = size < pool.left ? size : pool.left;
		pool.left -= count;
		memcpy(bytes, pool.bytes + pool.left, count);
		explicit_bzero(pool.bytes + pool.left, count);
		bytes += count;
		size -= count;
	}
}

const char *random_text(struct arena *arena, size_t size)
{
	unsigned char *bytes = arena_alloc(arena, size);

	random_bytes(bytes, size);
	return base64_url_encode(arena, bytes, size);
}

const char *random_key(struct arena *arena, size_t size)
{
	unsigned char *bytes = arena_alloc(arena, size);

	random_bytes(bytes, size);
	return base64_encode(arena, bytes, size);
}
