#include "lib/listener/hook_log.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/text/utf8.h"

static void tell(const struct hook_log *lines, const char *text)
{
	log_fields(LOG_LEVEL_INFO,
		   (const struct log_field[]){ { "hook", lines->file },
					       { "msg", text },
					       { NULL, NULL } });
}

static void end_line(struct hook_log *lines)
{
	lines->line[lines->length] = '\0';
	if (*lines->line && lines->count++ < HOOK_MOST_LINES) {
		utf8_repair(lines->line);
		tell(lines, lines->line);
	}
	lines->length = 0;
}

void hook_log_take(void *context, const char *bytes, size_t length)
{
	struct hook_log *lines = context;

	for (size_t i = 0; i < length; i++) {
		char byte = bytes[i];

		if (byte == '\0')
			byte = '?';
		if (byte == '\n')
			end_line(lines);
		else if (lines->length < HOOK_LONGEST_LINE)
			lines->line[lines->length++] = byte;
	}
}

void hook_log_end(struct hook_log *lines)
{
	char text[64];

	if (lines->length > 0)
		end_line(lines);
	if (lines->count > HOOK_MOST_LINES) {
		snprintf(text, sizeof text, "%ld more lines were dropped",
			 lines->count - HOOK_MOST_LINES);
		tell(lines, text);
	}
	explicit_bzero(lines->line, sizeof lines->line);
}
