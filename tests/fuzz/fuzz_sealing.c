/* Only a sealed text can be opened, and only in its place. */
#include "fuzz.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/crypto/sealing.h"
#include "lib/crypto/sealing_keys.h"

static const char keys_file[] =
	"first:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
	"second:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n";

static const struct sealing_place place = { SEALING_CONFIG, "resources", "row",
					    "config", NULL };

static struct sealing_keys *open_keys(struct arena *arena)
{
	struct findings findings = { .arena = arena };

	return sealing_keys_open(
		fuzz_write(arena, "keys", keys_file, strlen(keys_file)),
		&findings);
}

/* Seal text, and then change one byte of the result. */
static void assert_opens_unaltered(const struct sealing_keys *keys,
				   struct arena *arena, const char *text,
				   size_t length)
{
	char *sealed =
		arena_strdup(arena, sealing_seal(keys, arena, place, text));
	const char *opened = sealing_open(keys, arena, place, sealed);
	char *altered = sealed + length % strlen(sealed);

	assert(opened && strcmp(opened, text) == 0);
	*altered = *altered == 'A' ? 'B' : 'A';
	assert(!sealing_open(keys, arena, place, sealed));
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	static struct sealing_keys *keys;

	if (!keys)
		keys = open_keys(arena);
	assert(!sealing_open(keys, arena, place, text));
	assert_opens_unaltered(keys, arena, text, length);
}
