/* Whatever an environment file contains, all settings stay within their ranges,
 * and a second reading changes nothing. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/settings/environment_file.h"
#include "lib/settings/settings.h"

enum { MOST_VARIABLES = 5000 };

static struct arena *memory; /* owns the environment */

/* The C library's setenv() never frees a text. */
int setenv(const char *name, const char *value, int overwrite)
{
	int count = 0;

	assert(!overwrite);
	if (!*name || strchr(name, '='))
		return -1;
	if (getenv(name))
		return 0;
	while (environ[count])
		count++;
	assert(count + 1 < MOST_VARIABLES);
	environ[count] = arena_printf(memory, "%s=%s", name, value);
	return 0;
}

static int count_variables(void)
{
	int count = 0;

	while (environ[count])
		count++;
	return count;
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	struct findings findings = { .arena = arena };
	const char *path = fuzz_write(arena, "provisor.env", text, length);
	struct settings settings;
	char **before = environ;
	int count;

	memory = arena;
	environ = arena_alloc(arena, MOST_VARIABLES * sizeof *environ);
	assert(environment_file_read(path, &findings));
	count = count_variables();
	assert(environment_file_read(path, &findings));
	assert(count_variables() == count);
	settings_load(&settings, &findings);
	assert(settings.answer_limit >= 1000);
	assert(settings.log_level <= LOG_LEVEL_DEBUG);
	assert(*settings.addons && *settings.keys && settings.database_direct);
	environ = before;
}
