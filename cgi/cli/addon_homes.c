#include "cgi/cli/addon_homes.h"

#include <string.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "lib/addon/addon.h"
#include "lib/addon/addon_index.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"
#include "lib/listener/listener.h"

/* Return the home of the add-on, valid or not, or NULL. */
static const char *find_home(const struct addons *addons,
			     const char *marketplace, const char *slug)
{
	for (int i = 0; i < addons->count; i++) {
		const struct addon *addon = addons->list[i];

		if (addon->id && strcmp(addon->id, slug) == 0
		    && (!addon->dialect
			|| strcmp(addon->dialect->marketplace, marketplace)
				== 0))
			return addon->home;
	}
	return NULL;
}

static void accept_home(struct addon *addon, struct findings *findings)
{
	(void)addon;
	(void)findings;
}

const char *addon_homes_find(struct arena *arena, const char *folder,
			     const char *marketplace, const char *slug)
{
	struct addons *addons = addons_open(folder, accept_home, NULL);
	const char *home =
		arena_strdup(arena, find_home(addons, marketplace, slug));

	addons_close(addons);
	if (home || strchr(slug, '/'))
		return home;
	home = arena_join(arena, folder, "/", marketplace, "/", slug);
	return access(home, F_OK) == 0 ? home : NULL;
}

bool addon_homes_refuse(const struct cli *cli, const char *marketplace,
			const char *slug)
{
	struct addons *addons =
		addons_open(cli->settings.addons, listener_open, NULL);
	const char *home = find_home(addons, marketplace, slug);
	bool is_refused = home || addons->unreadable > 0;

	if (home)
		cli_fail("%s: is the home of %s, so the add-on is sold: remove "
			 "the home first",
			 home, slug);
	else if (is_refused) {
		cli_print_findings(&addons->findings);
		cli_fail("%s: a home cannot be read, and may be that of %s: "
			 "correct or remove it first",
			 cli->settings.addons, slug);
	}
	addons_close(addons);
	return is_refused;
}

bool addon_homes_has(const struct cli *cli, const char *marketplace,
		     const char *slug)
{
	struct addons *addons =
		addons_open(cli->settings.addons, listener_open, NULL);
	bool has_home = addons_find(addons, marketplace, slug);

	addons_close(addons);
	return has_home;
}
