#include "cgi/cli/option_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "lib/base/arena.h"
#include "lib/text/json.h"

const char *cli_read_file(const struct cli *cli, const char *option,
			  const char *path, size_t *length)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *text = NULL;
	const char *copy = NULL;
	size_t room = 0;
	ssize_t got;

	if (!file) {
		cli_fail("option %s: %s cannot be read (%s)", option, path,
			 strerror(errno));
		return NULL;
	}
	got = getdelim(&text, &room, '\0', file);
	*length = got > 0 ? (size_t)got : 0;
	copy = arena_strndup(cli->arena, got > 0 ? text : "", *length);
	if (text)
		explicit_bzero(text, room);
	free(text);
	if (file != stdin)
		fclose(file);
	return copy;
}

int cli_read_json(const struct cli *cli, const char *option, const char *path,
		  const char **text, const struct json **value)
{
	size_t length;
	const char *read = cli_read_file(cli, option, path, &length);
	const char *why;

	if (!read)
		return CLI_FAILED;
	*value = json_parse(cli->arena, read, length, &why);
	if (!*value)
		return cli_refuse("option %s: %s is not valid JSON: %s", option,
				  path, why);
	if (text)
		*text = read;
	return CLI_OK;
}
