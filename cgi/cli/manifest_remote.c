#include "cgi/cli/manifest_remote.h"

#include <string.h>

#include "cgi/cli/address.h"
#include "cgi/cli/cli.h"
#include "cgi/cli/manifest_file.h"
#include "cgi/cli/secret_file.h"
#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"
#include "lib/platform/https.h"
#include "lib/platform/response.h"

const struct dialect *manifest_remote_dialect(void)
{
	int i = 0;

	while (!dialects[i]->manifest->host)
		i++;
	return dialects[i];
}

int manifest_remote_slug(const struct cli *cli,
			 const struct manifest_file *file, const char **slug)
{
	const char *given = cli->count > 0 ? cli->words[0] : NULL;

	*slug = given ? given : file->id;
	if (!*slug && file->text)
		return cli_fail("%s: id is missing: it is the slug of the "
				"add-on",
				file->path);
	if (!*slug)
		return cli_fail("%s: does not exist: %sname the manifest with "
				"--manifest",
				file->path,
				cli->command->most > 0
					? "write the slug of the add-on, or "
					: "");
	if (file->id && strcmp(*slug, file->id) != 0)
		return cli_fail("%s: is the manifest of %s: name that of %s "
				"with --manifest",
				file->path, file->id, *slug);
	return CLI_OK;
}

/* Return host without slashes at its end. */
static const char *trim_host(struct arena *arena, const char *host)
{
	size_t length = strlen(host);

	while (length > 0 && host[length - 1] == '/')
		length--;
	return arena_strndup(arena, host, length);
}

static int read_token(const struct cli *cli, const char **token)
{
	int status = cli_read_secret(cli, "--token-file",
				     cli_option(cli, OPTION_TOKEN_FILE), token);

	if (status == CLI_OK && !platform_is_token(*token))
		return cli_fail("option --token-file: the first line of %s "
				"must be a token, without blanks",
				cli_option(cli, OPTION_TOKEN_FILE));
	return status;
}

int manifest_remote_open(const struct cli *cli, struct manifest_api *api)
{
	const char *host = cli_option(cli, OPTION_HOST);
	int status;

	if (!host)
		host = manifest_remote_dialect()->manifest->host;
	api->host = trim_host(cli->arena, host);
	status = cli_check_address(cli->arena, "option --host", host);
	if (status == CLI_OK)
		status = read_token(cli, &api->token);
	if (status == CLI_OK)
		api->https = https_open(cli_option(cli, OPTION_CA_FILE));
	return status;
}

void manifest_remote_close(struct manifest_api *api)
{
	https_close(api->https);
}

int manifest_remote_fail(const char *slug, const struct manifest_reply *reply)
{
	return cli_fail("%s: %s", slug, reply->failure);
}
