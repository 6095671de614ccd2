#include "cgi/cli/pairs.h"

#include <string.h>

#include "cgi/cli/cli.h"
#include "lib/base/arena.h"
#include "lib/text/json.h"

const struct json *cli_pairs(const struct cli *cli, enum option_id id,
			     const char *option)
{
	struct json *pairs = json_object(cli->arena);
	const char *pair;

	for (int i = 0; (pair = cli_option_at(cli, id, i)); i++) {
		const char *sign = strchr(pair, '=');
		const char *name = sign
			? arena_strndup(cli->arena, pair, (size_t)(sign - pair))
			: "";

		if (!*name || json_member(pairs, name)) {
			cli_fail("option %s %s: write NAME=VALUE, and each "
				 "NAME once",
				 option, pair);
			return NULL;
		}
		json_put_text(pairs, name, sign + 1);
	}
	return pairs;
}
