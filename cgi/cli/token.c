/*
 * token.c - provisor token: prints the token of a resource.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/with_api.h"
#include "lib/base/clock.h"
#include "lib/provider/operator_api.h"
#include "lib/text/iso8601.h"
#include "lib/text/json.h"

static void print_token_json(const struct cli *cli, const struct token *token)
{
	struct json *object = json_object(cli->arena);

	json_put_text(object, "url", cli->settings.platform_url);
	json_put_text(object, "access_token", token->access);
	json_put_text(
		object, "expires_at",
		iso8601_write(cli->arena, clock_wall() / 1000 + token->left));
	puts(json_print(cli->arena, object));
}

static int print_token(const struct cli *cli, const struct operator_api *api,
		       const void *context)
{
	const struct token token = operator_api_token(api);

	(void)context;
	if (token.verdict != TOKEN_READY)
		return cli_fail("%s: there is no token: %s", api->resource.id,
				token.why);
	if (cli_has(cli, OPTION_JSON))
		print_token_json(cli, &token);
	else
		puts(token.access);
	return CLI_OK;
}

int cli_token(const struct cli *cli)
{
	return with_api(cli, "token-revealed", NULL, print_token, NULL);
}
