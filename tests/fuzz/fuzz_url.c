/* A URL that is accepted can stand in a header, and its parts are those that a
 * second reading of it gives.  The first byte is the sum of the rules. */
#include "fuzz.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/text/number.h"
#include "lib/text/url.h"

static void assert_same(const char *a, const char *b)
{
	assert(a ? b && strcmp(a, b) == 0 : !b);
}

static void check_host(const struct url *url, unsigned int rules)
{
	int port;

	assert(*url->host && !strpbrk(url->host, "/?#@% \r\n"));
	assert((url->host[0] == '[') == (strchr(url->host, ':') != NULL));
	if (url->port)
		assert(number_read_int(url->port, 0, 65535, &port));
	else
		assert(rules & URL_OR_SYSLOG);
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	unsigned int rules = length > 0 ? (unsigned char)text[0] & 7u : 0;
	const char *source = length > 0 ? text + 1 : "";
	const struct url url = url_read(arena, source, rules);
	struct url again;

	if (url.fault) {
		assert(!url.text && !url.host);
		return;
	}
	assert(strlen(source) <= URL_LONGEST);
	assert(!strpbrk(source, " \"<>\\\r\n\t\x7f"));
	assert(url_scheme_length(source) > 0);
	check_host(&url, rules);
	assert(url.path[0] == '/');
	if (rules & URL_BARE)
		assert(!url.user && !url.password && !strpbrk(source, "@?#"));
	again = url_read(arena, url.text, rules);
	assert_same(again.fault, NULL);
	assert_same(again.host, url.host);
	assert_same(again.port, url.port);
	assert_same(again.path, url.path);
	assert_same(again.text, url.text);
	assert(!again.user && !again.password);
	if (strncmp(source, "https://", strlen("https://")) == 0)
		assert(rules & URL_BARE || url_is_link(arena, source));
}
