/*
 * with_api.h - runs a command that calls the marketplace about a resource.
 */
#ifndef CGI_CLI_WITH_API_H
#define CGI_CLI_WITH_API_H

struct cli;
struct operator_api;
struct platform_response;

/*
 * Find the resource whose id is the first word, record the event with what
 * (JSON or NULL) as its details, and return what run() returns,
 * which gets context.  Return
 * CLI_FAILED after printing why the marketplace cannot be called.
 */
int with_api(const struct cli *cli, const char *event, const char *what,
	     int (*run)(const struct cli *cli, const struct operator_api *api,
			const void *context),
	     const void *context);

/* Print why a call has failed, and the marketplace's own words.  Return
 * CLI_FAILED. */
int with_api_fail(const struct cli *cli,
		  const struct platform_response *response);

#endif
