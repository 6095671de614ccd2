#include "cgi/cli/with_api.h"

#include "cgi/cli/cli.h"
#include "cgi/cli/target.h"
#include "lib/base/utf8.h"
#include "lib/provider/operator_api.h"
#include "lib/text/json.h"

static int run_with_provider(const struct cli *cli, struct provider *provider,
			     const struct json *resource, const char *event,
			     const char *what,
			     int (*run)(const struct cli *cli,
					const struct operator_api *api,
					const void *context),
			     const void *context)
{
	struct operator_act act = target_act(cli);
	struct operator_api api;
	int status;

	if (operator_api_begin(provider, &act, resource, event, what, &api)
	    != OUTCOME_OK)
		return cli_fail("%s: %s", target_text(resource, "id"),
				act.failure ? act.failure
					    : "the log line above has the "
					      "reason");
	status = run(cli, &api, context);
	operator_api_end(&api);
	return status;
}

int with_api(const struct cli *cli, const char *event, const char *what,
	     int (*run)(const struct cli *cli, const struct operator_api *api,
			const void *context),
	     const void *context)
{
	struct provider provider;
	const struct json *resource = target_open(cli, &provider);
	int status;

	if (!resource)
		return CLI_FAILED;
	status = run_with_provider(cli, &provider, resource, event, what, run,
				   context);
	provider_close(&provider);
	return status;
}

int with_api_fail(const struct cli *cli,
		  const struct platform_response *response)
{
	const char *message = json_text(json_member(response->body, "message"));

	return message ? cli_fail("%s: %s", response->why,
				  utf8_for_terminal(cli->arena, message))
		       : cli_fail("%s", response->why);
}
