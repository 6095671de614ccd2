/*
 * reconcile.c - provisor reconcile: are we and the marketplace of one mind?
 */
#include "cgi/cli/commands.h"

#include <stdio.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/rows.h"
#include "lib/platform/platform.h"
#include "lib/provider/provider.h"
#include "lib/reconcile/reconcile.h"

static const char *const columns[] = {
	"id", "marketplace", "addon", "matter", "here", "there", "done", NULL,
};

static void add_finding(void *listener, const struct reconcile_finding *finding)
{
	const char *const texts[] = {
		finding->id,    finding->marketplace,
		finding->addon, reconcile_matter_name(finding->matter),
		finding->here,  finding->there,
		finding->done,
	};

	rows_add_texts(listener, texts);
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
	struct rows *rows = rows_begin(cli, columns);
	struct reconcile r = {
		.provider = provider,
		.marketplace = cli_option(cli, OPTION_MARKETPLACE),
		.addon = cli_option(cli, OPTION_ADDON),
		.repairs = cli_has(cli, OPTION_REPAIR),
		.most = (int)cli_number(cli, OPTION_MOST),
		.tell = add_finding,
		.listener = rows,
	};
	enum outcome outcome = reconcile_run(&r);
	bool is_good;

	rows_end(rows);
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
