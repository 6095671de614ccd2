/*
 * reconcile.c - provisor reconcile: compares resources with the marketplace.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/reconcile_parts.h"
#include "cgi/cli/resources.h"
#include "cgi/cli/rows.h"
#include "cgi/cli/target.h"
#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/provider/provider.h"
#include "lib/reconcile/list.h"

static const char *const columns[] = {
	"id",   "marketplace", "addon",  "difference",
	"here", "there",       "repair", NULL,
};

static void add_finding(void *rows, const struct json *finding)
{
	rows_add(rows, finding);
}

/* ---- results ---- */

static void print_end(const struct cli *cli,
		      const struct reconcile_total *total)
{
	if (total->outcome != OUTCOME_OK)
		rows_fail();
	if (total->is_stopped)
		cli_fail("stopped before deprovisioning more than %d "
			 "resources: make sure that the marketplace does not "
			 "have them, then use a larger --most",
			 (int)cli_number(cli, OPTION_MOST));
	if (*total->last)
		cli_fail("ended early: continue with --after %s", total->last);
	else if (total->ended_early)
		cli_fail("ended early: start again");
}

static int print_reconcile_total(const struct cli *cli,
				 const struct reconcile_total *total)
{
	const struct reconcile_counts *counts = &total->counts;

	fprintf(stderr,
		"provisor: %d agree, %d differ, %d repaired, %d revoked, "
		"%d unchecked\n",
		counts->agreeing, counts->differing, counts->repaired,
		counts->revoked, counts->unchecked);
	if (counts->revoked > 0)
		cli_fail("a resource whose token is refused is probably gone: "
			 "compare with a list of the marketplace (--against)");
	if (*total->no_list)
		cli_fail("cannot look for lost resources: %s", total->no_list);
	print_end(cli, total);
	return total->outcome == OUTCOME_OK && !total->ended_early
			&& counts->differing == 0 && counts->revoked == 0
			&& counts->unchecked == 0 && !*total->no_list
		? CLI_OK
		: CLI_FAILED;
}

/* ---- options ---- */

/* Return false after printing what is wrong. */
static bool read_whose_config(const struct cli *cli, struct reconcile *run)
{
	const char *whose = cli_option(cli, OPTION_CONFIG);

	run->config = RECONCILE_CONFIG_SHOW;
	if (!whose)
		return true;
	if (!run->repairs) {
		cli_fail("option --config needs --repair");
		return false;
	}
	if (strcmp(whose, "ours") == 0)
		run->config = RECONCILE_CONFIG_OURS;
	else if (strcmp(whose, "theirs") == 0)
		run->config = RECONCILE_CONFIG_THEIRS;
	else
		cli_fail("option --config must be ours or theirs");
	return run->config != RECONCILE_CONFIG_SHOW;
}

static bool read_after(const struct cli *cli, struct reconcile *run)
{
	char uuid[UUID_LENGTH + 1];

	run->after = cli_option(cli, OPTION_AFTER);
	if (!run->after)
		return true;
	if (!uuid_read(run->after, uuid)) {
		cli_fail("option --after must be the id of a resource");
		return false;
	}
	run->after = arena_strdup(cli->arena, uuid);
	return true;
}

static bool check_list_options(const struct cli *cli)
{
	if (cli_option(cli, OPTION_MARKETPLACE)
	    && cli_option(cli, OPTION_ADDON))
		return true;
	cli_fail("option --against needs --marketplace and --addon: the list "
		 "has the resources of one add-on");
	return false;
}

/* ---- the command ---- */

/* Return false after printing what is wrong with the file. */
static bool read_list(const struct cli *cli, const struct provider *provider,
		      enum import_format format, struct reconcile *run)
{
	struct findings findings = { .arena = cli->arena };
	struct reconcile_list *list = arena_alloc(cli->arena, sizeof *list);

	if (!target_addon(provider->addons, run->marketplace, run->addon))
		return false;
	reconcile_list_read(cli->arena, cli_option(cli, OPTION_AGAINST),
			    format == IMPORT_CSV, list, &findings);
	cli_print_findings(&findings);
	run->list = list;
	return findings.errors == 0;
}

static int run_reconcile(const struct cli *cli, struct reconcile *run)
{
	struct rows *rows = rows_begin(cli, columns);
	struct reconcile_total total;

	reconcile_parts_run(cli->arena, run, (int)cli_number(cli, OPTION_MOST),
			    add_finding, rows, &total);
	rows_end(rows);
	return print_reconcile_total(cli, &total);
}

int cli_reconcile(const struct cli *cli)
{
	const char *path = cli_option(cli, OPTION_AGAINST);
	struct provider provider;
	struct reconcile run = {
		.provider = &provider,
		.marketplace = cli_option(cli, OPTION_MARKETPLACE),
		.addon = cli_option(cli, OPTION_ADDON),
		.parts = path ? 1 : (int)cli_number(cli, OPTION_PARALLEL),
		.repairs = cli_has(cli, OPTION_REPAIR),
	};
	enum import_format format;
	int status;

	if (!read_whose_config(cli, &run) || !read_after(cli, &run)
	    || !resources_read_format(cli, path, &format)
	    || (path && !check_list_options(cli)))
		return CLI_USAGE;
	if (!provider_open(&provider, &cli->settings))
		return CLI_FAILED;
	status = path && !read_list(cli, &provider, format, &run)
		? CLI_FAILED
		: run_reconcile(cli, &run);
	provider_close(&provider);
	return status;
}
