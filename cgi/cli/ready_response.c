#include "cgi/cli/ready_response.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/text/json.h"
#include "lib/text/number.h"

/* Read the status of a line "HTTP/1.1 200 OK".  Return 0 if it has none. */
static int read_ready_status(struct arena *arena, const char *line)
{
	static const char protocol[] = "HTTP/";
	enum { DIGITS = 3 };
	int status = 0;

	if (strncmp(line, protocol, strlen(protocol)) != 0)
		return 0;
	line += strcspn(line, " \r\n");
	if (*line != ' ' || strcspn(line + 1, " \r\n") != DIGITS)
		return 0;
	line = arena_strndup(arena, line + 1, DIGITS);
	return number_read_int(line, 100, 599, &status) ? status : 0;
}

struct ready_response ready_response_read(struct arena *arena, const char *text)
{
	static const char end_of_head[] = "\r\n\r\n";
	const char *end = strstr(text, end_of_head);
	struct ready_response response = { 0 };
	const char *why;

	response.status = end ? read_ready_status(arena, text) : 0;
	if (response.status == 0)
		return response;
	end += strlen(end_of_head);
	response.body = json_parse(arena, end, strlen(end), &why);
	return response;
}

const char *ready_response_trouble(struct arena *arena,
				   const struct ready_response *response)
{
	static const char *const members[] = { "database", "settings", "addons",
					       "keys", "hooks" };

	for (size_t i = 0; i < COUNT(members); i++) {
		const char *text =
			json_text(json_member(response->body, members[i]));

		if (text && strcmp(text, "ok") != 0)
			return arena_printf(arena, "%s: %s", members[i], text);
	}
	return NULL;
}
