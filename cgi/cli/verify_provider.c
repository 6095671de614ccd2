#include "cgi/cli/verify_provider.h"

#include <string.h>

#include "cgi/cli/address.h"
#include "cgi/cli/cli.h"
#include "cgi/cli/option_file.h"
#include "cgi/cli/secret_file.h"
#include "lib/base/arena.h"
#include "lib/crypto/random.h"
#include "lib/text/json.h"
#include "lib/text/url.h"
#include "lib/verify/verify.h"

enum { SEED_SIZE = 6 }; /* bytes */

/* ---- the manifest ---- */

static const char *text_in(const struct json *object, const char *name)
{
	return json_text(json_member(object, name));
}

/* Return the member of production or, if that is missing, of test. */
static const char *address_in(const struct json *api, const char *name)
{
	const char *of_production =
		text_in(json_member(api, "production"), name);

	return of_production ? of_production
			     : text_in(json_member(api, "test"), name);
}

/* In an old manifest, production may be an address itself. */
static const char *production_address(const struct json *manifest)
{
	const struct json *production =
		json_member(json_member(manifest, "api"), "production");

	return json_text(production) ? json_text(production)
				     : text_in(production, "base_url");
}

static bool is_version_1(const struct json *api)
{
	const struct json *version = json_member(api, "version");
	const char *text = json_text(version);

	return !version || json_is_number(version, 1)
		|| (text && strcmp(text, "1") == 0);
}

static int read_manifest(const struct cli *cli, const struct json *manifest,
			 struct verify_provider *provider)
{
	const char *path = cli_option(cli, OPTION_MANIFEST);
	const struct json *api = json_member(manifest, "api");

	provider->user = text_in(manifest, "id");
	provider->password = text_in(api, "password");
	provider->salt = text_in(api, "sso_salt");
	provider->config_vars = json_member(api, "config_vars");
	provider->is_version_1 = is_version_1(api);
	if (!provider->user || !*provider->user)
		return cli_refuse("%s: id is missing: it is the user name",
				  path);
	if (!provider->password || !*provider->password)
		return cli_refuse("%s: api.password is missing", path);
	if (!json_is_array(provider->config_vars))
		return cli_refuse("%s: api.config_vars must be an array of the "
				  "names of config vars",
				  path);
	return CLI_OK;
}

/* ---- addresses ---- */

static bool has_host_of(struct arena *arena, const char *text,
			const char *other)
{
	const struct url a = url_read(arena, text, URL_OR_HTTP);
	const struct url b = url_read(arena, other, URL_OR_HTTP);

	return !a.fault && !b.fault && strcmp(a.host, b.host) == 0
		&& strcmp(a.port, b.port) == 0;
}

/* The resources of customers are at the address of production. */
static int refuse_production(const struct cli *cli, const struct json *manifest)
{
	const char *production = production_address(manifest);

	if (!production || cli_has(cli, OPTION_PRODUCTION)
	    || !has_host_of(cli->arena, cli->words[0], production))
		return CLI_OK;
	return cli_refuse("%s is the production address of the manifest: "
			  "verify creates and deprovisions resources there; "
			  "add --production if that is meant",
			  cli->words[0]);
}

/* Return the path of the manifest's sso_url at the host of the provider. */
static const char *derive_sso_url(const struct cli *cli,
				  const struct json *manifest)
{
	struct arena *arena = cli->arena;
	const char *given = cli_option(cli, OPTION_SSO_URL);
	const char *declared =
		address_in(json_member(manifest, "api"), "sso_url");
	const char *base = cli->words[0];
	struct url url;

	if (given || !declared)
		return given;
	url = url_read(arena, declared, URL_OR_HTTP);
	if (url.fault)
		return NULL;
	return arena_printf(arena, "%.*s%s", (int)url_origin_length(base), base,
			    url.path);
}

static int read_addresses(const struct cli *cli, const struct json *manifest,
			  struct verify_provider *provider)
{
	int status = cli_check_address(cli->arena, "URL", cli->words[0]);

	if (status != CLI_OK)
		return status;
	provider->url = cli->words[0];
	provider->sso_url = derive_sso_url(cli, manifest);
	if (cli_has(cli, OPTION_SSO_URL))
		status = cli_check_address(cli->arena, "option --sso-url",
					   provider->sso_url);
	return status == CLI_OK ? refuse_production(cli, manifest) : status;
}

/* ---- the provider ---- */

int verify_read_secret(const struct cli *cli, enum option_id id,
		       const char *option, const char **text)
{
	const char *path = cli_option(cli, id);

	*text = NULL;
	return path ? cli_read_secret(cli, option, path, text) : CLI_OK;
}

int verify_read_provider(const struct cli *cli,
			 struct verify_provider *provider)
{
	const struct json *manifest;
	int status = cli_read_json(cli, "--manifest",
				   cli_option(cli, OPTION_MANIFEST), NULL,
				   &manifest);

	if (status == CLI_OK)
		status = read_manifest(cli, manifest, provider);
	if (status == CLI_OK)
		status = read_addresses(cli, manifest, provider);
	if (status == CLI_OK)
		status = verify_read_secret(cli, OPTION_SECOND_PASSWORD,
					    "--also-valid",
					    &provider->second_password);
	provider->ca_file = cli_option(cli, OPTION_CA_FILE);
	provider->plan = cli_option_at(cli, OPTION_PLAN, 0);
	provider->other_plan = cli_option_at(cli, OPTION_PLAN, 1);
	provider->limit = cli_number(cli, OPTION_LIMIT);
	provider->seed = cli_option(cli, OPTION_SEED);
	if (!provider->seed)
		provider->seed = random_text(cli->arena, SEED_SIZE);
	return status;
}
