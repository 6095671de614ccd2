/*
 * check_nginx.c - checks that nginx reaches a pool that is ready.
 *
 * It requests /ready/api and /ready/web from nginx's operations address.
 */
#include "cgi/cli/check.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/pools.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/metrics/metrics.h"
#include "lib/text/json.h"
#include "lib/text/number.h"

enum { TIMEOUT = 10 /* s */, LONGEST_RESPONSE = 8192 /* bytes */ };

struct ready_response {
	int status; /* 0: there was no response */
	const struct json *body;
};

/* ---- HTTP ---- */

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
	*why = !host    ? "it is not an address and a port"
		: error ? gai_strerror(error)
			: strerror(errno);
	freeaddrinfo(found);
	return client;
}

/* Return the response as text; empty if there is none. */
static const char *request_ready(struct arena *arena, int client,
				 const char *pool)
{
	const char *request = arena_printf(arena,
					   "GET /ready/%s HTTP/1.0\r\n"
					   "Host: localhost\r\n\r\n",
					   pool);
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

static struct ready_response read_ready_response(struct arena *arena,
						 const char *text)
{
	struct ready_response response = { 0 };
	const char *status = strchr(text, ' ');
	const char *body = strstr(text, "\r\n\r\n");
	const char *why;

	if (strncmp(text, "HTTP/", strlen("HTTP/")) != 0 || !status || !body
	    || !number_read_int(arena_strndup(arena, status + 1,
					      strcspn(status + 1, " \r")),
				100, 599, &response.status))
		return (struct ready_response){ 0 };
	body += strlen("\r\n\r\n");
	response.body = json_parse(arena, body, strlen(body), &why);
	return response;
}

/* ---- the finding ---- */

/* Return the first member of the response that is not "ok", as "keys: ...", or
 * NULL.  An error page of nginx has none of these members. */
static const char *find_trouble(struct arena *arena,
				const struct ready_response *response)
{
	static const char *const members[] = { "database", "addons", "keys" };

	for (size_t i = 0; i < COUNT(members); i++) {
		const char *text =
			json_text(json_member(response->body, members[i]));

		if (text && strcmp(text, "ok") != 0)
			return arena_printf(arena, "%s: %s", members[i], text);
	}
	return NULL;
}

static void judge_response(struct check *check, const char *address,
			   const char *pool,
			   const struct ready_response *response)
{
	struct findings *findings = &check->findings;
	const char *trouble = find_trouble(check->arena, response);

	if (trouble && findings->errors > 0)
		finding_ok(findings,
			   "%s: nginx reaches the pool %s, which reports an "
			   "error, too (%s)",
			   address, pool, trouble);
	else if (trouble)
		finding_error(findings,
			      "%s: the pool %s reports an error that this "
			      "command does not find (%s): start it with these "
			      "settings, and let its user read these files",
			      address, pool, trouble);
	else if (response->status == 200)
		finding_ok(findings,
			   "%s: nginx reaches the pool %s, and it is ready",
			   address, pool);
	else if (response->status > 0 && pools_count(METRICS_WORKER) == 0)
		finding_ok(findings, "%s: nginx responds, but no pool runs",
			   address);
	else
		finding_error(findings,
			      "%s: nginx does not reach the pool %s (status "
			      "%d): start it, set provisor_%s to its socket, "
			      "and let nginx's user write to this socket",
			      address, pool, response->status, pool);
}

/* Return false if nginx cannot be reached. */
static bool check_pool(struct check *check, const char *address,
		       const char *pool)
{
	const char *why;
	struct ready_response response;
	int client = connect_to_nginx(check->arena, address, &why);

	if (client < 0) {
		finding_error(&check->findings,
			      "%s: cannot connect to nginx (%s): start it "
			      "with provisor's site, or name its operations "
			      "address with --ops",
			      address, why);
		return false;
	}
	response = read_ready_response(
		check->arena, request_ready(check->arena, client, pool));
	close(client);
	judge_response(check, address, pool, &response);
	return true;
}

void check_nginx(struct check *check)
{
	const char *address = cli_option(check->cli, OPTION_OPS);

	if (check_pool(check, address, "api"))
		(void)!check_pool(check, address, "web");
}
