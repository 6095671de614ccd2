/* settings.json never changes a value of the manifest. */
#include "fuzz.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/settings_file.h"
#include "lib/base/arena.h"
#include "lib/base/file_watch.h"
#include "lib/base/findings.h"
#include "lib/base/utf8.h"
#include "lib/text/json.h"

static const char *manifest_password = "the-manifests-password";

/* Assert that a resource can get and keep the plan, and change to each of its
 * "to". */
static void assert_plan(const struct addon *addon, const struct json *plan)
{
	const char *name = json_name(plan), *refusal;
	const struct json *to;

	assert(addon_allows_plan(addon, NULL, name, &refusal));
	assert(addon_allows_plan(addon, name, name, &refusal));
	for (to = json_first(json_member(plan, "to")); to; to = json_next(to)) {
		assert(addon_allows_plan(addon, NULL, json_text(to), &refusal));
		assert(addon_allows_plan(addon, name, json_text(to), &refusal));
	}
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	struct findings findings = { .arena = arena };
	struct addon addon = {
		.arena = arena,
		.home = fuzz_folder(),
		.files = file_watch_open(),
		.passwords = { 1, &manifest_password },
	};
	const struct json *plan;

	fuzz_write(arena, "settings.json", text, length);
	settings_file_read(&addon, &findings);
	file_watch_close(addon.files);
	assert(addon.passwords.count > 0
	       && addon.passwords.values[0] == manifest_password);
	for (const struct finding *f = findings.first; f; f = f->next)
		assert(utf8_is_valid(f->text));
	plan = findings.errors == 0 ? json_first(addon.plans) : NULL;
	for (; plan; plan = json_next(plan))
		assert_plan(&addon, plan);
}
