/*
 * manifest_show.c - provisor manifest show and list: what the marketplace has.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/manifest_file.h"
#include "cgi/cli/manifest_remote.h"
#include "cgi/cli/manifest_view.h"
#include "cgi/cli/rows.h"
#include "lib/text/json.h"
#include "lib/text/json_layout.h"

/* The file is needed only to find the slug. */
static int find_slug(const struct cli *cli, const char **slug)
{
	struct manifest_file file = { .path = NULL };
	int status = cli->count > 0 ? CLI_OK : manifest_file_read(cli, &file);

	return status == CLI_OK ? manifest_remote_slug(cli, &file, slug)
				: status;
}

static int show_manifest(const struct cli *cli, const struct manifest_api *api,
			 const char *slug)
{
	struct arena *arena = cli->arena;
	const struct manifest_reply reply =
		manifest_api_read(api, arena, slug, cli_option(cli, OPTION_ID));

	if (reply.failure)
		return manifest_remote_fail(slug, &reply);
	puts(cli_has(cli, OPTION_REVEAL) ? json_layout(
		     arena, json_print_for_terminal(arena, reply.value))
					 : manifest_view(arena, reply.value));
	return CLI_OK;
}

static int list_manifests(const struct cli *cli, const struct manifest_api *api,
			  const char *slug)
{
	static const char *const columns[] = { "id", "created_at", NULL };
	const struct manifest_reply reply =
		manifest_api_list(api, cli->arena, slug);
	const struct json *entry = json_first(reply.value);
	struct rows *rows;

	if (reply.failure)
		return manifest_remote_fail(slug, &reply);
	rows = rows_begin(cli, columns);
	for (; entry; entry = json_next(entry))
		rows_add(rows, entry);
	rows_end(rows);
	return CLI_OK;
}

static int run_with_remote(const struct cli *cli,
			   int (*run)(const struct cli *cli,
				      const struct manifest_api *api,
				      const char *slug))
{
	struct manifest_api api = { .https = NULL };
	const char *slug;
	int status = find_slug(cli, &slug);

	if (status == CLI_OK)
		status = manifest_remote_open(cli, &api);
	if (status == CLI_OK)
		status = run(cli, &api, slug);
	manifest_remote_close(&api);
	return status;
}

int cli_manifest_show(const struct cli *cli)
{
	return run_with_remote(cli, show_manifest);
}

int cli_manifest_list(const struct cli *cli)
{
	return run_with_remote(cli, list_manifests);
}
