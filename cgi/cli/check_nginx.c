/*
 * check_nginx.c - does provisor check get through nginx to a pool?
 */
#include "cgi/cli/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cgi/cli/pools.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/text/json.h"
#include "lib/text/number.h"

enum { PATIENCE = 10, LONGEST_ANSWER = 8192 };

struct answer {
	int status; /* 0: none came */
	const struct json *body;
};

/* ---- HTTP, as little of it as does ---- */

static int connect_to(const char *path)
{
	static const struct timeval patience = { .tv_sec = PATIENCE };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (client < 0)
		return -1;
	setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	if (connect(client, (const struct sockaddr *)&address, sizeof address)
	    == 0)
		return client;
	close(client);
	return -1;
}

static const char *ask(struct arena *arena, int client)
{
	static const char request[] = "GET /ready HTTP/1.0\r\n"
				      "Host: localhost\r\n\r\n";
	char *text = arena_alloc(arena, LONGEST_ANSWER + 1);
	size_t length = 0;
	ssize_t got = send(client, request, strlen(request), MSG_NOSIGNAL);

	while (got > 0 && length < LONGEST_ANSWER) {
		got = recv(client, text + length, LONGEST_ANSWER - length, 0);
		if (got > 0)
			length += (size_t)got;
	}
	return text;
}

static struct answer read_answer(struct arena *arena, const char *text)
{
	const char *status = strchr(text, ' ');
	int number = 0;
	const char *body = strstr(text, "\r\n\r\n");
	const char *why;

	if (strncmp(text, "HTTP/", strlen("HTTP/")) != 0 || !status || !body)
		return (struct answer){ 0 };
	body += strlen("\r\n\r\n");
	if (!number_read_int(arena_strndup(arena, status + 1,
					   strcspn(status + 1, " \r")),
			     100, 599, &number))
		return (struct answer){ 0 };
	return (struct answer){
		.status = number,
		.body = json_parse(arena, body, strlen(body), &why),
	};
}

/* ---- what the answer means ---- */

/* What the pools say is not ok, as "keys: …"; NULL: nothing, or it is nginx
 * that answers, whose error page has none of these members. */
static const char *trouble_in(struct arena *arena, const struct answer *answer)
{
	static const char *const members[] = { "database", "addons", "keys" };

	for (size_t i = 0; i < COUNT(members); i++) {
		const char *text =
			json_text(json_member(answer->body, members[i]));

		if (text && strcmp(text, "ok") != 0)
			return arena_printf(arena, "%s: %s", members[i], text);
	}
	return NULL;
}

static void judge(struct check *check, const char *path,
		  const struct answer *answer)
{
	struct findings *findings = &check->findings;
	const char *trouble = trouble_in(check->arena, answer);

	if (trouble && findings->errors > 0)
		finding_ok(findings,
			   "%s: nginx answers, and the pools behind it see "
			   "trouble too (%s)",
			   path, trouble);
	else if (trouble)
		finding_error(findings,
			      "%s: the pools see trouble that is not seen from "
			      "here (%s): let them have these settings, and "
			      "read these files",
			      path, trouble);
	else if (answer->status == 200)
		finding_ok(findings,
			   "%s: nginx answers, and the pools behind it are "
			   "ready",
			   path);
	else if (answer->status > 0 && pools_workers() == 0)
		finding_ok(findings, "%s: nginx answers, but no pool", path);
	else
		finding_error(findings,
			      "%s: nginx does not reach the pools (status %d): "
			      "its provisor_api and provisor_web must be their "
			      "sockets, and its user may write to those",
			      path, answer->status);
}

void check_nginx(struct check *check)
{
	const char *path = cli_option(check->cli, OPTION_OPS);
	struct answer answer;
	int client;

	client = connect_to(path);
	if (client < 0) {
		finding_error(&check->findings,
			      "%s: nginx cannot be asked there (%s): start it "
			      "with provisor's site, or name its socket with "
			      "--ops",
			      path, strerror(errno));
		return;
	}
	answer = read_answer(check->arena, ask(check->arena, client));
	close(client);
	judge(check, path, &answer);
}
