#include "cgi/cli/init_address.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/question.h"
#include "lib/base/arena.h"
#include "lib/text/url.h"

/* Accept only a name or an IPv4 address as the host. */
static bool is_address(struct arena *arena, const char *text)
{
	const struct url url = url_read(arena, text, URL_BARE);

	return !url.fault && isalnum((unsigned char)url.host[0])
		&& !strchr(text, '%');
}

/* Paths are appended to the address, so it must not end in a slash. */
static const char *trim_slashes(struct arena *arena, const char *text)
{
	size_t length = strlen(text);

	while (length > 0 && text[length - 1] == '/')
		length--;
	return arena_strndup(arena, text, length);
}

/* Return false after printing that text, which option has, is not valid. */
static bool take_address(const struct cli *cli, const char *option,
			 const char *text, struct init_address *address)
{
	if (!is_address(cli->arena, text)) {
		cli_refuse("option --%s: \"%s\" is not valid: write a URL such "
			   "as https://fast-db.example.com",
			   option, text);
		return false;
	}
	address->url = trim_slashes(cli->arena, text);
	address->is_sample = false;
	return true;
}

static bool make_sample(const struct cli *cli, const char *slug,
			struct init_address *address)
{
	address->url = arena_printf(cli->arena, "https://%s.example.com", slug);
	address->is_sample = true;
	return true;
}

bool init_address_read(const struct cli *cli, const char *slug,
		       struct init_address *address)
{
	const char *text = cli_option(cli, OPTION_URL);

	return text ? take_address(cli, "url", text, address)
		    : make_sample(cli, slug, address);
}

static bool are_same(struct arena *arena, const char *one, const char *other)
{
	const struct url a = url_read(arena, one, URL_BARE);
	const struct url b = url_read(arena, other, URL_BARE);

	return strcasecmp(a.host, b.host) == 0 && strcmp(a.port, b.port) == 0
		&& strcmp(a.path, b.path) == 0;
}

bool init_address_read_staging(const struct cli *cli, const char *slug,
			       const struct init_address *production,
			       struct init_address *address)
{
	static const char option[] = "staging-url";
	const char *text = cli_option(cli, OPTION_STAGING_URL);

	if (!text)
		text = question_answer(
			cli->arena,
			"The address at which the marketplace reaches the "
			"staging add-on, such as https://staging.example.com:");
	if (!text && production->is_sample)
		return make_sample(cli, slug, address);
	if (!text) {
		cli_refuse("option --staging: write the address of the staging "
			   "add-on, too: --staging-url https://HOST");
		return false;
	}
	if (!take_address(cli, option, text, address))
		return false;
	if (!are_same(cli->arena, production->url, address->url))
		return true;
	cli_refuse("option --%s: %s is the address of production: write one of "
		   "its own, so that no test reaches your customers",
		   option, text);
	return false;
}
