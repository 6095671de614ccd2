/*
 * parse.h - JSON values for a test.
 */
#ifndef PARSE_H
#define PARSE_H

#include "lib/text/json.h"
#include "unit.h"

/* Return the value that text, which is valid, describes. */
static inline const struct json *parse(const char *text)
{
	const char *why = "nothing";
	const struct json *value = json_parse(arena, text, strlen(text), &why);

	if (!value)
		fail_msg("%s: %s", text, why);
	return value;
}

#endif
