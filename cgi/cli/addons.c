/*
 * addons.c - provisor addons list.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/missing_homes_findings.h"
#include "cgi/cli/rows.h"
#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/db/db.h"
#include "lib/dialect/dialect.h"
#include "lib/listener/listener.h"

static const char *const listeners[] = {
	[ADDON_NO_LISTENER] = NULL,
	[ADDON_TEMPLATE] = "template.json",
	[ADDON_EXEC] = "hooks",
	[ADDON_SO] = "listener.so",
};

/* Split the path of a home, which ends in MARKETPLACE/NAME. */
static void split_home(struct arena *arena, const char *home,
		       const char **marketplace, const char **name)
{
	char *path = arena_strdup(arena, home);
	char *slash = strrchr(path, '/');

	*slash = '\0';
	*name = slash + 1;
	*marketplace = strrchr(path, '/') + 1;
}

static void add_addon(struct rows *rows, struct arena *arena,
		      const struct addon *addon)
{
	const char *marketplace, *name;

	split_home(arena, addon->home, &marketplace, &name);
	rows_add_texts(rows,
		       (const char *const[]){
			       marketplace,
			       addon->id ? addon->id : name,
			       addon->resources.count > 0
				       ? url_path_text(arena, &addon->resources)
				       : NULL,
			       addon->dialect ? addon->dialect->version : NULL,
			       listeners[addon->listener],
			       addon->is_valid ? "valid" : "invalid",
		       });
}

/* List the add-ons whose resources are in the database, but whose homes are not
 * on this host.  Without the database, the list has homes only. */
static void add_missing_addons(const struct cli *cli, struct rows *rows,
			       struct addons *addons)
{
	struct db *db = db_open(cli->settings.database);
	struct missing_homes homes;

	if (missing_homes_report(addons, db, addons->arena, &homes,
				 &addons->findings)
	    != OUTCOME_OK)
		fprintf(stderr,
			"provisor: the database does not respond, so add-ons "
			"without a home are not listed\n");
	for (int i = 0; i < homes.count; i++)
		rows_add_texts(rows,
			       (const char *const[]){
				       homes.list[i].marketplace,
				       homes.list[i].addon,
				       NULL,
				       NULL,
				       NULL,
				       "missing",
			       });
	db_close(db);
}

int cli_addons_list(const struct cli *cli)
{
	static const char *const columns[] = {
		"marketplace", "addon", "path", "version",
		"listener",    "state", NULL,
	};
	struct rows *rows = rows_begin(cli, columns);
	struct addons *addons =
		addons_open(cli->settings.addons, listener_open, NULL);
	bool is_invalid;

	for (int i = 0; i < addons->count; i++)
		add_addon(rows, addons->arena, addons->list[i]);
	add_missing_addons(cli, rows, addons);
	rows_end(rows);
	is_invalid = addons->findings.errors > 0;
	addons_warn_of_shared_salts(addons);
	cli_print_findings(&addons->findings);
	if (addons->count == 0 && !is_invalid)
		fprintf(stderr,
			"provisor: %s has no add-on yet; provisor init creates "
			"one\n",
			cli->settings.addons);
	addons_close(addons);
	return is_invalid ? CLI_FAILED : CLI_OK;
}
