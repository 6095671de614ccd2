/*
 * token.c - provisor token: prints the token of a resource.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/with_api.h"
#include "lib/provider/operator_api.h"

static int print_token(const struct cli *cli, const struct operator_api *api,
		       const void *context)
{
	const struct token token = operator_api_token(api, api->claim.valid_to);

	(void)context;
	if (token.verdict != TOKEN_READY)
		return cli_fail("%s: there is no token: %s", api->resource.id,
				token.why);
	puts(cli_has(cli, OPTION_JSON) ? operator_api_print_token(api, &token)
				       : token.access);
	return CLI_OK;
}

int cli_token(const struct cli *cli)
{
	return with_api(cli, "token-revealed", NULL, print_token, NULL);
}
