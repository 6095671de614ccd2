/* A keys file that can be read seals, and says what was wrong with it. */
#include "fuzz.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/crypto/sealing.h"

enum { LONGEST_KEY_ID = 32 };

static void assert_seals(const struct secret_keys *keys, struct arena *arena)
{
	const struct secret_place place = { SECRET_GRANT, "grants", "row",
					    "code" };
	const char *sealed = secret_seal(keys, arena, place, "a text");
	const char *opened = secret_open(keys, arena, place, sealed);

	assert(strcspn(sealed + strlen("1."), ".") <= LONGEST_KEY_ID);
	assert(opened && strcmp(opened, "a text") == 0);
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	struct findings findings = { .arena = arena };
	const char *path = fuzz_write(arena, "keys", text, length);
	struct secret_keys *keys = secret_keys_open(path, &findings);

	if (keys)
		assert_seals(keys, arena);
	else
		assert(findings.errors > 0);
	secret_keys_close(keys);
}
