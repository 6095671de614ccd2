/*
 * reconcile.c - provisor reconcile: compares resources with the marketplace.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/rows.h"
#include "lib/provider/provider.h"
#include "lib/reconcile/reconcile.h"

static const char *const columns[] = {
	"id",   "marketplace", "addon",  "difference",
	"here", "there",       "repair", NULL,
};

static void add_finding(void *rows, const struct reconcile_finding *finding)
{
	const char *const texts[] = {
		finding->id,     finding->marketplace,
		finding->addon,  reconcile_difference_name(finding->difference),
		finding->here,   finding->there,
		finding->repair,
	};

	rows_add_texts(rows, texts);
}

static void print_reconcile_counts(const struct reconcile *r)
{
	fprintf(stderr,
		"provisor: %d agree, %d differ, %d repaired, %d unchecked\n",
		r->agreeing, r->differing, r->repaired, r->unchecked);
	if (r->no_list)
		cli_fail("cannot look for lost resources: %s", r->no_list);
	if (r->is_stopped)
		cli_fail("stopped before deprovisioning more than %d "
			 "resources: make sure that the marketplace does not "
			 "have them, then use a larger --most",
			 r->max_removals);
}

static int compare(const struct cli *cli, struct provider *provider)
{
	struct rows *rows = rows_begin(cli, columns);
	struct reconcile r = {
		.provider = provider,
		.marketplace = cli_option(cli, OPTION_MARKETPLACE),
		.addon = cli_option(cli, OPTION_ADDON),
		.repairs = cli_has(cli, OPTION_REPAIR),
		.max_removals = (int)cli_number(cli, OPTION_MOST),
		.report = add_finding,
		.context = rows,
	};
	enum outcome outcome = reconcile_run(&r);
	bool agrees;

	rows_end(rows);
	print_reconcile_counts(&r);
	agrees = r.differing == 0 && !r.no_list;
	reconcile_close(&r);
	if (outcome != OUTCOME_OK)
		return rows_fail();
	return agrees ? CLI_OK : CLI_FAILED;
}

int cli_reconcile(const struct cli *cli)
{
	struct provider provider;
	int status;

	if (!provider_open(&provider, &cli->settings))
		return CLI_FAILED;
	provider_open_platform(&provider);
	status = compare(cli, &provider);
	provider_close(&provider);
	return status;
}
