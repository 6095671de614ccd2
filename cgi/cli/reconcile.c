/*
 * reconcile.c - provisor reconcile: are we and the marketplace of one mind?
 */
#include "cgi/cli/commands.h"

#include <stdio.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/rows.h"
#include "cgi/cli/table.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/platform/platform.h"
#include "lib/provider/provider.h"
#include "lib/reconcile/reconcile.h"

static const char *const columns[] = {
	"ID", "MARKETPLACE", "ADDON", "MATTER", "HERE", "THERE", "DONE", NULL,
};

struct report {
	struct arena *arena;
	struct table *table;
};

static void add_row(void *listener, const struct reconcile_finding *finding)
{
	const struct report *report = listener;
	const char *const texts[] = {
		finding->id,    finding->marketplace,
		finding->addon, reconcile_matter_name(finding->matter),
		finding->here,  finding->there,
		finding->done,
	};
	const char *kept[COUNT(texts)];

	for (size_t i = 0; i < COUNT(texts); i++)
		kept[i] = arena_strdup(report->arena, texts[i]);
	table_add(report->table, kept);
}

static void tell_counts(const struct reconcile *r)
{
	fprintf(stderr,
		"provisor: %d agree, %d differ, %d mended, %d unasked\n",
		r->agreeing, r->differing, r->mended, r->unasked);
	if (r->blind)
		cli_fail("what is there and not here could not be looked for: "
			 "%s",
			 r->blind);
	if (r->is_stopped)
		cli_fail("stopped before removing more than %d: make sure that "
			 "they are gone at the marketplace, and give --most a "
			 "larger number",
			 r->most);
}

static int compare(const struct cli *cli, struct provider *provider)
{
	struct report report = { cli->arena,
				 table_create(cli->arena, columns) };
	struct reconcile r = {
		.provider = provider,
		.marketplace = cli_option(cli, OPTION_MARKETPLACE),
		.addon = cli_option(cli, OPTION_ADDON),
		.repairs = cli_has(cli, OPTION_REPAIR),
		.most = (int)cli_number(cli, OPTION_MOST),
		.tell = add_row,
		.listener = &report,
	};
	enum outcome outcome = reconcile_run(&r);
	bool is_good;

	table_print(report.table, cli_has(cli, OPTION_JSON), cli->has_colours);
	tell_counts(&r);
	is_good = r.differing == 0 && !r.blind;
	reconcile_close(&r);
	if (outcome != OUTCOME_OK)
		return rows_fail();
	return is_good ? CLI_OK : CLI_FAILED;
}

int cli_reconcile(const struct cli *cli)
{
	struct provider provider;
	int status;

	if (!provider_open(&provider, &cli->settings))
		return CLI_FAILED;
	provider.platform = platform_open(&(struct platform_config){
		.api_url = cli->settings.platform_url,
		.token_url = cli->settings.token_url,
		.ca_file = cli->settings.platform_ca,
	});
	status = compare(cli, &provider);
	platform_close(provider.platform);
	provider_close(&provider);
	return status;
}
