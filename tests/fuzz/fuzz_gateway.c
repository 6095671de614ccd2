/*
 * Whatever one client of the FastCGI socket sends, the next client is served.
 *
 * The input is the bytes of the first client.  Some are percent-encoded to make
 * the seeds readable, and line ends are ignored.  gateway.c and libfcgi are the
 * real ones.
 */
#include "fuzz.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cgi/web/gateway.h"
#include "cgi/web/http.h"
#include "lib/base/arena.h"
#include "lib/text/uuid.h"

/* libfcgi leaks a few bytes per management record; nginx sends none. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfcgi";
}

static struct sockaddr_un address = { .sun_family = AF_UNIX };

static struct gateway *open_gateway(struct arena *arena)
{
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path,
	       arena_printf(arena, "%s/socket", fuzz_folder()));
	unlink(address.sun_path);
	assert(bind(listener, (struct sockaddr *)&address, sizeof address)
	       == 0);
	assert(listen(listener, 8) == 0);
	dup2(listener, STDIN_FILENO);
	close(listener);
	return gateway_open();
}

/* Connect a client that sends these bytes and no more. */
static int connect_client(const char *bytes, size_t length)
{
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert(connect(client, (struct sockaddr *)&address, sizeof address)
	       == 0);
	assert(write(client, bytes, length) == (ssize_t)length);
	shutdown(client, SHUT_WR);
	return client;
}

/* libfcgi aborts if a record announces parameters of 2 GiB.  Only our own nginx
 * can send records; without bytes above 80 hexadecimal none is that long. */
static char to_byte(const char *text, bool is_code)
{
	char digits[] = { text[is_code], text[2 * is_code], 0 };
	unsigned char byte = is_code ? (unsigned char)strtoul(digits, NULL, 16)
				     : (unsigned char)*text;

	return (char)(byte > 0x80 ? 0x80 : byte);
}

static char *decode(struct arena *arena, const char *text, size_t *length)
{
	const char *end = text + *length;
	char *bytes = arena_alloc(arena, *length + 1);

	*length = 0;
	for (; text < end; text++) {
		bool is_code = text[0] == '%'
			&& isxdigit((unsigned char)text[1])
			&& isxdigit((unsigned char)text[2]);

		if (*text == '\n')
			continue;
		bytes[(*length)++] = to_byte(text, is_code);
		text += is_code ? 2 : 0;
	}
	return bytes;
}

/* Send a GET that has only an id. */
static int connect_next(struct arena *arena, const char *id)
{
	static const char begin[] = "\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0"
				    "\1\4\0\1\0\71\0\0\23\44"
				    "PROVISOR_REQUEST_ID";
	static const char end[] = "\1\4\0\1\0\0\0\0\1\5\0\1\0\0\0\0";
	size_t size = sizeof begin - 1 + UUID_LENGTH + sizeof end - 1;
	char *bytes = arena_alloc(arena, size);

	memcpy(bytes, begin, sizeof begin - 1);
	memcpy(bytes + sizeof begin - 1, id, UUID_LENGTH);
	memcpy(bytes + size - (sizeof end - 1), end, sizeof end - 1);
	return connect_client(bytes, size);
}

/* Serve one request, read its whole body, and return its id. */
static const char *serve(struct gateway *gateway, struct arena *arena)
{
	struct exchange x = { .arena = arena };
	char left;

	assert(gateway_next(gateway));
	http_receive(gateway, 25000, &x);
	assert(gateway_read(gateway, &left, 1) == 0);
	http_set_outcome(&x, OUTCOME_NOT_FOUND);
	http_send(gateway, &x);
	return x.request_id;
}

static void assert_answered(int client)
{
	char answer[1024];
	ssize_t length = read(client, answer, sizeof answer);

	assert(length > 0);
	assert(memmem(answer, (size_t)length, "Status: 404 Not Found\r\n", 23));
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	static struct gateway *gateway;
	const char *bytes = decode(arena, text, &length);
	char id[UUID_LENGTH + 1];
	int client, next;

	if (!gateway)
		gateway = open_gateway(arena);
	uuid_random(id);
	client = connect_client(bytes, length);
	next = connect_next(arena, id);
	while (strcmp(serve(gateway, arena), id) != 0)
		;
	assert_answered(next);
	close(client);
	close(next);
}
