/*
 * addons.c - provisor addons list: which add-ons this host sells.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/table.h"
#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"
#include "lib/listener/listener.h"

static const char *const listeners[] = {
	[ADDON_NO_LISTENER] = NULL,
	[ADDON_TEMPLATE] = "template.json",
	[ADDON_EXEC] = "hooks",
	[ADDON_SO] = "listener.so",
};

/* MARKETPLACE and NAME of a home, which is a folder …/MARKETPLACE/NAME. */
static void split_home(struct arena *arena, const char *home,
		       const char **marketplace, const char **name)
{
	char *path = arena_strdup(arena, home);
	char *slash = strrchr(path, '/');

	*slash = '\0';
	*name = slash + 1;
	*marketplace = strrchr(path, '/') + 1;
}

static void add_row(struct table *table, struct arena *arena,
		    const struct addon *addon)
{
	const char *marketplace, *name;

	split_home(arena, addon->home, &marketplace, &name);
	table_add(table,
		  (const char *const[]){
			  marketplace,
			  addon->id ? addon->id : name,
			  addon->resources.count > 0
				  ? url_path_text(arena, &addon->resources)
				  : NULL,
			  addon->dialect ? addon->dialect->version : NULL,
			  listeners[addon->listener],
			  addon->is_valid ? "valid" : "broken",
		  });
}

int cli_addons_list(const struct cli *cli)
{
	static const char *const columns[] = {
		"MARKETPLACE", "ADDON", "PATH", "VERSION",
		"LISTENER",    "STATE", NULL,
	};
	struct table *table = table_create(cli->arena, columns);
	struct addons *addons =
		addons_open(cli->settings.addons, listener_open, NULL);
	bool is_broken = addons->findings.errors > 0;

	for (int i = 0; i < addons->count; i++)
		add_row(table, addons->arena, addons->list[i]);
	table_print(table, cli_has(cli, OPTION_JSON), cli->has_colours);
	cli_print_findings(&addons->findings);
	if (addons->count == 0 && !is_broken)
		fprintf(stderr,
			"%s holds no add-on yet; provisor init makes "
			"one\n",
			cli->settings.addons);
	addons_close(addons);
	return is_broken ? CLI_FAILED : CLI_OK;
}
