#include "gateway.h"

#include <assert.h>
#include <string.h>

#include "cgi/web/gateway.h"
#include "lib/base/arena.h"

struct gateway gateway_of(struct arena *arena, const char *text, size_t length)
{
	const char *end = memmem(text, length, "\n\n", 2);
	const char *body = end ? end + 2 : text + length;

	return (struct gateway){
		.arena = arena,
		.parameters = arena_printf(arena, "\n%.*s\n",
					   (int)(body - text), text),
		.body = body,
		.body_length = (size_t)(text + length - body),
		.answer = "",
	};
}

const char *gateway_parameter(struct gateway *gateway, const char *name)
{
	const char *start = arena_printf(gateway->arena, "\n%s=", name);
	const char *found = strstr(gateway->parameters, start);
	const char *value = found ? found + strlen(start) : "";

	if (!found && strcmp(name, "CONTENT_LENGTH") == 0)
		return arena_printf(gateway->arena, "%zu",
				    gateway->body_length);
	return *value && *value != '\n'
		? arena_strndup(gateway->arena, value, strcspn(value, "\n"))
		: NULL;
}

/* Return only a few bytes at a time, like a slow client. */
size_t gateway_read(struct gateway *gateway, char *bytes, size_t size)
{
	size_t count = gateway->body_length < 7 ? gateway->body_length : 7;

	if (count > size)
		count = size;
	memcpy(bytes, gateway->body, count);
	gateway->body += count;
	gateway->body_length -= count;
	return count;
}

void gateway_end_body(struct gateway *gateway)
{
	(void)gateway;
}

bool gateway_is_cgi(const struct gateway *gateway)
{
	return strstr(gateway->parameters, "\nCGI=1\n") != NULL;
}

bool gateway_has_hung_up(const struct gateway *gateway)
{
	return strstr(gateway->parameters, "\nHUNG_UP=1\n") != NULL;
}

void gateway_write(struct gateway *gateway, const char *text)
{
	assert(!gateway->is_finished);
	gateway->answer =
		arena_printf(gateway->arena, "%s%s", gateway->answer, text);
}

void gateway_finish(struct gateway *gateway)
{
	assert(!gateway->is_finished);
	gateway->is_finished = true;
}
