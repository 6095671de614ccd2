/* However a URL is spelled, the host that is judged is the one that a request
 * goes to, and only allowed hosts pass. */
#include "fuzz.h"

#include <string.h>
#include <strings.h>

#include "lib/base/arena.h"
#include "lib/platform/outbound_host.h"
#include "lib/text/url.h"

static const char allowed[] = "logplex.io, localhost:9999";
static const char domain[] = "logplex.io";

/* The request goes to url.text: it has the same host, and no credentials. */
static void assert_same_host(struct arena *arena, const struct url *url)
{
	const struct url again = url_read(arena, url->text, URL_HTTPS);

	assert(!again.fault && !again.user && !again.password);
	assert(strcmp(again.host, url->host) == 0);
	assert(strcmp(again.port, url->port) == 0);
}

static void assert_in_domain(const char *host)
{
	size_t length = strlen(host), tail = strlen(domain);

	assert(length >= tail);
	assert(strcasecmp(host + length - tail, domain) == 0);
	assert(length == tail || host[length - tail - 1] == '.');
	assert(!strpbrk(host, "/@?#\\ \r\n"));
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	const struct url url = url_read(arena, text, URL_HTTPS);

	if (url.fault || strlen(text) != length)
		return;
	assert_same_host(arena, &url);
	switch (outbound_host_judge(arena, allowed, url.host, url.port)) {
	case OUTBOUND_HOST_NOWHERE:
		break;
	case OUTBOUND_HOST_PUBLIC:
		assert_in_domain(url.host);
		break;
	case OUTBOUND_HOST_ANYWHERE:
		assert(strcasecmp(url.host, "localhost") == 0);
		assert(strcmp(url.port, "9999") == 0);
		break;
	}
}
