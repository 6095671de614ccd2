#include "lib/verify/marketplace_code.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/text/uuid.h"

static const char code_start[] = "verify-";

static const char *const manners[] = {
	[MARKETPLACE_PLAIN] = "plain-",
	[MARKETPLACE_EXPIRING] = "expiring-",
	[MARKETPLACE_BUSY] = "busy-",
};

const char *marketplace_code(struct arena *arena, const char *key,
			     enum marketplace_manner manner)
{
	return arena_join(arena, code_start, manners[manner], key);
}

const char *marketplace_read_code(struct arena *arena, const char *code,
				  enum marketplace_manner *manner)
{
	char *key = arena_alloc(arena, UUID_LENGTH + 1);

	if (!code || strncmp(code, code_start, strlen(code_start)) != 0)
		return NULL;
	code += strlen(code_start);
	for (size_t i = 0; i < COUNT(manners); i++) {
		size_t length = strlen(manners[i]);

		*manner = (enum marketplace_manner)i;
		if (strncmp(code, manners[i], length) == 0)
			return uuid_read(code + length, key) ? key : NULL;
	}
	return NULL;
}
