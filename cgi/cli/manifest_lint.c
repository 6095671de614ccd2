/*
 * manifest_lint.c - provisor manifest lint.
 */
#include "lib/addon/manifest_lint.h"

#include <stdio.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/commands.h"
#include "cgi/cli/finding_report.h"
#include "cgi/cli/manifest_path.h"
#include "lib/base/findings.h"
#include "lib/dialect/dialect.h"

int cli_manifest_lint(const struct cli *cli)
{
	const char *given = cli->count > 0 ? cli->words[0] : NULL;
	const char *marketplace = cli_option(cli, OPTION_MARKETPLACE);
	struct findings findings = { .arena = cli->arena };
	const char *path;
	int status;

	if (!dialect_find(marketplace, NULL))
		return cli_refuse("option --marketplace: \"%s\" is not a known "
				  "marketplace: write %s",
				  marketplace,
				  dialect_marketplaces(cli->arena));
	status = manifest_path_find(cli, given, marketplace, &path);
	if (status != CLI_OK)
		return status;
	manifest_lint(cli->arena, path, marketplace, &findings);
	if (!findings.first)
		finding_ok(&findings, "%s: is in order", path);
	finding_report(cli, &findings);
	return findings.errors > 0 ? CLI_FAILED : CLI_OK;
}
