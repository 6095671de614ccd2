/* A keys file either gives keys that seal or has an error. */
#include "fuzz.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/crypto/sealing.h"
#include "lib/crypto/sealing_keys.h"

enum { LONGEST_KEY_ID = 32 };

static void assert_seals(const struct sealing_keys *keys, struct arena *arena)
{
	const struct sealing_place place = { SEALING_GRANT, "grants", "row",
					     "code", NULL };
	const char *sealed = sealing_seal(keys, arena, place, "a text");
	const char *opened = sealing_open(keys, arena, place, sealed);

	assert(strcspn(sealed + strlen("1."), ".") <= LONGEST_KEY_ID);
	assert(opened && strcmp(opened, "a text") == 0);
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	struct findings findings = { .arena = arena };
	const char *path = fuzz_write(arena, "keys", text, length);
	struct sealing_keys *keys = sealing_keys_open(path, &findings);

	if (keys)
		assert_seals(keys, arena);
	else
		assert(findings.errors > 0);
	sealing_keys_close(keys);
}
