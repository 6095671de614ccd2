#include "cgi/cli/address.h"

#include <stdbool.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "lib/text/url.h"

static bool is_of_this_host(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0
		|| strcmp(host, "[::1]") == 0;
}

int cli_check_address(struct arena *arena, const char *what, const char *text)
{
	const struct url url = url_read(arena, text, URL_OR_HTTP | URL_BARE);

	if (url.fault)
		return cli_refuse("%s: %s %s", what, text, url.fault);
	if (strncmp(text, "http://", strlen("http://")) == 0
	    && !is_of_this_host(url.host))
		return cli_refuse("%s: %s must begin with https://: secrets "
				  "would be readable on their way",
				  what, text);
	return CLI_OK;
}
