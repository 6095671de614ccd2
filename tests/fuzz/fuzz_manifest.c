/* A manifest without an error has everything that is needed to serve the
 * add-on. */
#include "fuzz.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/home.h"
#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/base/utf8.h"
#include "lib/dialect/dialect.h"

/* Return true if the path of the resources ends like those of the marketplace.
 */
static void assert_mounted(struct arena *arena, const struct addon *addon)
{
	const char *end = addon->dialect->resources_path;
	const char *path = url_path_text(arena, &addon->resources);

	assert(addon->resources.count > 0 && !addon->resources.ends_in_slash);
	assert(strlen(path) >= strlen(end));
	assert(strcmp(path + strlen(path) - strlen(end), end) == 0);
}

static void assert_complete(struct arena *arena, const struct addon *addon)
{
	assert(addon->id && *addon->id && addon->dialect);
	if (addon->dialect->is_direct)
		return;
	assert(addon->has_password && addon->passwords.count == 1);
	assert(strlen(addon->passwords.values[0]) >= 8);
	assert(addon->salts.count <= 1);
	assert_mounted(arena, addon);
}

static void read(struct arena *arena, const char *marketplace)
{
	struct findings findings = { .arena = arena };
	struct addon *addon = home_open(fuzz_folder(), marketplace, &findings);

	for (const struct finding *f = findings.first; f; f = f->next)
		assert(utf8_is_valid(f->text));
	if (findings.errors == 0)
		assert_complete(arena, addon);
	home_close(addon);
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	fuzz_write(arena, "template.json", "{}", 2);
	fuzz_write(arena, "addon-manifest.json", text, length);
	for (int i = 0; dialects[i]; i++)
		if (dialects[i]->is_default)
			read(arena, dialects[i]->marketplace);
}
