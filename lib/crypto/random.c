#include "lib/crypto/random.h"

#include <stdlib.h>

#include <openssl/rand.h>

#include "lib/base/arena.h"
#include "lib/base/log.h"
#include "lib/crypto/base64.h"

void random_bytes(unsigned char *bytes, size_t size)
{
	if (RAND_bytes(bytes, (int)size) == 1)
		return;
	log_error("OpenSSL has no random bytes");
	abort();
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
