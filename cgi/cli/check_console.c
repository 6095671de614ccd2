/*
 * check_console.c - checks that nobody can use the console without a password.
 *
 * It sends nginx a request as an impostor would: with a wrong password, and
 * with the headers of a proxy.
 */
#include "cgi/cli/check.h"

#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/nginx_request.h"
#include "cgi/cli/ready_response.h"
#include "lib/base/arena.h"

/* "provisor-check:x", with the headers of the usual proxies. */
static const char claim[] = "GET /console HTTP/1.0\r\n"
			    "Host: localhost\r\n"
			    "Authorization: Basic cHJvdmlzb3ItY2hlY2s6eA==\r\n"
			    "X-Forwarded-User: provisor-check\r\n"
			    "X-Auth-Request-User: provisor-check\r\n"
			    "X-Remote-User: provisor-check\r\n"
			    "Remote-User: provisor-check\r\n\r\n";

/* nginx itself responds with JSON to a request without Accept: to a wrong
 * password 401, and 403 if there is no file of passwords.  The pool, which
 * nginx asks only after the password, responds with a page. */
static bool is_refused(const struct ready_response *response)
{
	return response->status == 401
		|| (response->status == 403 && response->body);
}

static void judge_claim(struct check *check, const char *address,
			const char *text)
{
	struct ready_response response =
		ready_response_read(check->arena, text);

	if (is_refused(&response))
		finding_ok(&check->findings,
			   "%s: nginx lets nobody use the console without a "
			   "password",
			   address);
	else if (response.status == 0 || response.status == 400)
		finding_warning(&check->findings,
				"%s: cannot be examined, because it does not "
				"respond to a request without TLS: let the "
				"console listen on 127.0.0.1 too, and name "
				"this address with --console",
				address);
	else
		finding_error(&check->findings,
			      "%s: nginx passes on a request to the console "
			      "without a valid password (status %d): write "
			      "auth_basic into its location, and remove the "
			      "addresses of this host from geo, in nginx's "
			      "site provisor-console",
			      address, response.status);
}

/* ---- other addresses of this host ---- */

/* Return "host:port" for an address that is not a loopback address, or NULL. */
static const char *address_text(struct arena *arena,
				const struct sockaddr *address,
				const char *port)
{
	char host[NI_MAXHOST];
	socklen_t size = address && address->sa_family == AF_INET
		? sizeof(struct sockaddr_in)
		: sizeof(struct sockaddr_in6);

	if (!address
	    || (address->sa_family != AF_INET && address->sa_family != AF_INET6)
	    || getnameinfo(address, size, host, sizeof host, NULL, 0,
			   NI_NUMERICHOST)
		    != 0
	    || strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0)
		return NULL;
	return arena_printf(arena,
			    address->sa_family == AF_INET ? "%s:%s" : "[%s]:%s",
			    host, port);
}

/* Where others can reach the console, passwords need TLS. */
static void check_other_address(struct check *check, const char *address)
{
	const char *why;
	const char *text = nginx_request(check->arena, address, claim, &why);
	struct ready_response response;

	if (!text)
		return;
	response = ready_response_read(check->arena, text);
	if (response.status == 0 || response.status == 400)
		return;
	judge_claim(check, address, text);
	if (is_refused(&response))
		finding_warning(&check->findings,
				"%s: passwords of the console are sent without "
				"TLS: listen on 127.0.0.1, or use TLS, in "
				"nginx's site provisor-console",
				address);
}

static void check_other_addresses(struct check *check, const char *port)
{
	struct ifaddrs *list = NULL;

	if (getifaddrs(&list) != 0)
		return;
	for (struct ifaddrs *each = list; each; each = each->ifa_next) {
		const char *address =
			address_text(check->arena, each->ifa_addr, port);

		if (address)
			check_other_address(check, address);
	}
	freeifaddrs(list);
}

static void check_server_key(struct check *check)
{
	if (check->settings.console != CONSOLE_OFF
	    && !*check->settings.server_key)
		finding_warning(&check->findings,
				"PROVISOR_CONSOLE: the pools refuse the "
				"console, because PROVISOR_SERVER_KEY is "
				"empty: create the key as in "
				"provisor-operate(7), Key of nginx's sites");
}

void check_console(struct check *check)
{
	const char *address = cli_option(check->cli, OPTION_CONSOLE);
	const char *colon = strrchr(address, ':');
	const char *why;
	const char *text = nginx_request(check->arena, address, claim, &why);

	check_server_key(check);
	if (text)
		judge_claim(check, address, text);
	else
		finding_ok(&check->findings,
			   "%s: nginx does not serve the console here (%s)",
			   address, why);
	if (colon)
		check_other_addresses(check, colon + 1);
}
