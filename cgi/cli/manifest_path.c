#include "cgi/cli/manifest_path.h"

#include <string.h>

#include "cgi/cli/addon_homes.h"
#include "cgi/cli/cli.h"
#include "lib/addon/manifest.h"
#include "lib/base/arena.h"
#include "lib/base/findings.h"

/* Settings are read only to find a home: other commands for manifests work on
 * any computer. */
static const char *find_home_of(const struct cli *cli, const char *marketplace,
				const char *slug)
{
	struct findings findings = { .arena = cli->arena };
	struct settings settings;
	const char *home;

	cli_read_settings(cli, &settings, &findings);
	cli_print_findings(&findings);
	if (findings.errors > 0)
		return NULL;
	home = addon_homes_find(cli->arena, settings.addons, marketplace, slug);
	if (!home)
		cli_fail("option --addon: %s has no home of %s at %s: provisor "
			 "addons list shows those that it has",
			 settings.addons, slug, marketplace);
	return home;
}

static int find_in_folder(const struct cli *cli, const char *folder,
			  const char **path)
{
	struct findings findings = { .arena = cli->arena };
	const char *name = manifest_find(cli->arena, folder, &findings);

	cli_print_findings(&findings);
	*path = strcmp(folder, ".") == 0
		? name
		: arena_join(cli->arena, folder, "/", name);
	return findings.errors == 0 ? CLI_OK : CLI_FAILED;
}

int manifest_path_find(const struct cli *cli, const char *given,
		       const char *marketplace, const char **path)
{
	const char *slug = cli_option(cli, OPTION_ADDON);
	const char *folder = ".";

	*path = given;
	if (given && slug)
		return cli_refuse("%s and --addon %s name two manifests: write "
				  "one of them",
				  given, slug);
	if (given)
		return CLI_OK;
	if (slug)
		folder = find_home_of(cli, marketplace, slug);
	return folder ? find_in_folder(cli, folder, path) : CLI_FAILED;
}
