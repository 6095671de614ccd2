#include "cgi/cli/nginx_request.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/base/arena.h"

enum { TIMEOUT = 10 /* s */, LONGEST_RESPONSE = 8192 /* bytes */ };

/* Split "host:port" or "[host]:port".  Return the host, and set *port to a part
 * of address.  Return NULL if address has neither form. */
static const char *split_address(struct arena *arena, const char *address,
				 const char **port)
{
	const char *colon = strrchr(address, ':');
	size_t length = colon ? (size_t)(colon - address) : 0;

	if (length == 0 || !colon[1])
		return NULL;
	*port = colon + 1;
	if (address[0] == '[' && address[length - 1] == ']' && length > 2)
		return arena_strndup(arena, address + 1, length - 2);
	return arena_strndup(arena, address, length);
}

/* Return a connected socket, or -1 with the reason in errno. */
static int connect_address(const struct addrinfo *address)
{
	static const struct timeval timeout = { .tv_sec = TIMEOUT };
	int client = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (client < 0)
		return -1;
	setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
	setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
	if (connect(client, address->ai_addr, address->ai_addrlen) == 0)
		return client;
	close(client);
	return -1;
}

/* Return a connected socket, or -1 with the reason in *why. */
static int connect_to_nginx(struct arena *arena, const char *address,
			    const char **why)
{
	static const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	const char *port = NULL;
	const char *host = split_address(arena, address, &port);
	int error = host ? getaddrinfo(host, port, &hints, &found) : 0;
	int client = -1;

	for (const struct addrinfo *each = found; each && client < 0;
	     each = each->ai_next)
		client = connect_address(each);
	*why = !host    ? "not an address and a port"
		: error ? gai_strerror(error)
			: strerror(errno);
	freeaddrinfo(found);
	return client;
}

static const char *exchange_text(struct arena *arena, int client,
				 const char *request)
{
	char *text = arena_alloc(arena, LONGEST_RESPONSE + 1);
	size_t length = 0;
	ssize_t got = send(client, request, strlen(request), MSG_NOSIGNAL);

	while (got > 0 && length < LONGEST_RESPONSE) {
		got = recv(client, text + length, LONGEST_RESPONSE - length, 0);
		if (got > 0)
			length += (size_t)got;
	}
	return text;
}

const char *nginx_request(struct arena *arena, const char *address,
			  const char *request, const char **why)
{
	int client = connect_to_nginx(arena, address, why);
	const char *text;

	if (client < 0)
		return NULL;
	text = exchange_text(arena, client, request);
	close(client);
	return text;
}
