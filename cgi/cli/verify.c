/*
 * verify.c - provisor verify: plays the marketplace against a provider.
 */
#include "cgi/cli/commands.h"

#include <signal.h>
#include <string.h>

#include "cgi/cli/address.h"
#include "cgi/cli/cli.h"
#include "cgi/cli/interrupts.h"
#include "cgi/cli/option_file.h"
#include "cgi/cli/verify_provider.h"
#include "cgi/cli/verify_report.h"
#include "lib/base/arena.h"
#include "lib/text/url.h"
#include "lib/verify/marketplace.h"
#include "lib/verify/verify.h"

/* ---- the marketplace ---- */

static int refuse_listen(const char *text, const char *why)
{
	return cli_refuse("option --listen: %s %s", text, why);
}

/* Return the address without a slash at its end, or NULL after printing what is
 * wrong with it. */
static const char *read_listen_url(const struct cli *cli, const char *text)
{
	struct url parts;

	if (cli_check_address(cli->arena, "option --listen", text) != CLI_OK)
		return NULL;
	parts = url_read(cli->arena, text, URL_OR_HTTP | URL_BARE);
	if (strcmp(parts.path, "/") == 0)
		return arena_strndup(cli->arena, text, url_origin_length(text));
	refuse_listen(text, "must end after the port");
	return NULL;
}

/* Set *pem to the certificate and its key, or to NULL for http. */
static int read_listen_certificate(const struct cli *cli, const char *url,
				   const char **pem)
{
	const char *path = cli_option(cli, OPTION_CERTIFICATE);
	bool is_https = strncmp(url, "https:", strlen("https:")) == 0;
	size_t length;

	*pem = NULL;
	if (is_https && !path)
		return refuse_listen(url, "needs --certificate FILE");
	if (!is_https && path)
		return refuse_listen(url,
				     "is plain HTTP, which needs no "
				     "--certificate");
	if (path)
		*pem = cli_read_file(cli, "--certificate", path, &length);
	return !path || *pem ? CLI_OK : CLI_FAILED;
}

static int refuse_options_of_listen(const struct cli *cli)
{
	if (!cli_option(cli, OPTION_CERTIFICATE)
	    && !cli_option(cli, OPTION_CLIENT_SECRET))
		return CLI_OK;
	return cli_refuse("options --certificate and --client-secret need "
			  "--listen URL: without it, no call of the provider "
			  "is checked");
}

/* Open the marketplace that --listen asks for. */
static int open_marketplace(const struct cli *cli,
			    struct verify_provider *provider)
{
	const char *text = cli_option(cli, OPTION_LISTEN);
	struct marketplace_place place = { .url = NULL };
	const char *why;
	int status;

	if (!text)
		return refuse_options_of_listen(cli);
	if (provider->is_version_1)
		return cli_refuse("option --listen: the manifest has version "
				  "1, whose providers provision at once");
	place.url = read_listen_url(cli, text);
	if (!place.url)
		return CLI_USAGE;
	status = read_listen_certificate(cli, place.url, &place.pem);
	if (status == CLI_OK)
		status = verify_read_secret(cli, OPTION_CLIENT_SECRET,
					    "--client-secret", &place.secret);
	if (status != CLI_OK)
		return status;
	provider->marketplace = marketplace_open(cli->arena, &place, &why);
	provider->marketplace_url = place.url;
	provider->has_client_secret = place.secret != NULL;
	provider->wait = cli_number(cli, OPTION_WAIT);
	return provider->marketplace
		? CLI_OK
		: cli_fail("option --listen: %s cannot be served: %s",
			   place.url, why);
}

/* ---- the run ---- */

int cli_verify(const struct cli *cli)
{
	struct verify_provider provider = { .url = NULL };
	struct verify_report report;
	int status = verify_read_provider(cli, &provider);

	/* Whatever happens, no resource may stay at the provider. */
	interrupts_catch();
	signal(SIGPIPE, SIG_IGN);
	if (status == CLI_OK)
		status = open_marketplace(cli, &provider);
	if (status != CLI_OK)
		return status;
	report = verify_run(cli->arena, &provider,
			    cli_has(cli, OPTION_JSON) ? verify_report_json
						      : verify_report_line);
	marketplace_close(provider.marketplace);
	return verify_report_end(cli, &provider, &report);
}
