/*
 * platform.c - provisor platform: makes one call of the marketplace's API with
 * the token of a resource.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/option_file.h"
#include "cgi/cli/with_api.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/provider/operator_api.h"
#include "lib/text/json.h"

enum { WORD_METHOD = 1, WORD_PATH = 2, MOST_PAGES = 10000 };

/* ---- arguments ---- */

static bool is_method(const char *text)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "PATCH",
					       "DELETE" };

	for (size_t i = 0; i < COUNT(methods); i++)
		if (strcmp(methods[i], text) == 0)
			return true;
	return false;
}

static bool is_path(const char *text)
{
	const char *c = text;

	while (*c > ' ' && *c <= '~')
		c++;
	return *text == '/' && !*c;
}

/* Set *body to the JSON of the option --body, or to NULL without it. */
static int read_call_body(const struct cli *cli, const char **body)
{
	const char *path = cli_option(cli, OPTION_BODY);
	const struct json *value;

	*body = NULL;
	return path ? cli_read_json(cli, "--body", path, body, &value) : CLI_OK;
}

/* ---- the call ---- */

static void append_all(struct json *list, const struct json *page)
{
	for (page = json_first(page); page; page = json_next(page))
		json_append(list, page);
}

static void print_body(const struct cli *cli, const struct json *body)
{
	if (!body)
		return;
	puts(isatty(STDOUT_FILENO) ? json_print_for_terminal(cli->arena, body)
				   : json_print(cli->arena, body));
}

/* Print all pages as one list. */
static int print_pages(const struct cli *cli, const struct operator_api *api,
		       struct platform_response page)
{
	struct json *list = json_array(cli->arena);
	int pages = 1;

	append_all(list, page.body);
	while (page.next_range && pages++ < MOST_PAGES) {
		page = operator_api_ask(api, cli->words[WORD_METHOD],
					cli->words[WORD_PATH], NULL,
					page.next_range);
		if (page.verdict != PLATFORM_DONE)
			return with_api_fail(cli, &page);
		append_all(list, page.body);
	}
	print_body(cli, list);
	return CLI_OK;
}

/* body is the text of the option --body, or NULL. */
static int call_platform(const struct cli *cli, const struct operator_api *api,
			 const void *body)
{
	const struct platform_response response =
		operator_api_ask(api, cli->words[WORD_METHOD],
				 cli->words[WORD_PATH], body, NULL);

	if (response.verdict != PLATFORM_DONE) {
		print_body(cli, response.body);
		return with_api_fail(cli, &response);
	}
	if (cli_has(cli, OPTION_ALL) && json_is_array(response.body))
		return print_pages(cli, api, response);
	print_body(cli, response.body);
	if (response.next_range)
		cli_fail("warning: the list has more pages: add --all");
	return CLI_OK;
}

/* Say what was called, without the query. */
static const char *describe_call(const struct cli *cli)
{
	const char *path = cli->words[WORD_PATH];
	struct json *object = json_object(cli->arena);

	json_put_text(object, "method", cli->words[WORD_METHOD]);
	json_put_text(object, "path",
		      arena_strndup(cli->arena, path, strcspn(path, "?")));
	return json_print(cli->arena, object);
}

int cli_platform(const struct cli *cli)
{
	const char *body;
	int status;

	if (!is_method(cli->words[WORD_METHOD]))
		return cli_refuse("\"%s\" is not a method: write GET, POST, "
				  "PUT, PATCH or DELETE",
				  cli->words[WORD_METHOD]);
	if (!is_path(cli->words[WORD_PATH]))
		return cli_refuse("\"%s\" is not a path: begin with a slash, "
				  "and percent-encode blanks and letters "
				  "outside ASCII",
				  cli->words[WORD_PATH]);
	if (cli_has(cli, OPTION_ALL)
	    && strcmp(cli->words[WORD_METHOD], "GET") != 0)
		return cli_refuse("option --all is for GET");
	status = read_call_body(cli, &body);
	return status == CLI_OK
		? with_api(cli, "marketplace-called", describe_call(cli),
			   call_platform, body)
		: status;
}
