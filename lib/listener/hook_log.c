#include "lib/listener/hook_log.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/listener/call_log.h"
#include "lib/listener/listener.h"

enum { SHORTEST_CUT = 8 /* characters of a token at the end of a line */ };

/* Return the length of the token's part at which text begins: all of it, or a
 * part that the end of a cut line has left.  Otherwise return 0. */
static size_t token_length(const char *text, const char *token)
{
	size_t length = 0;

	while (token[length] && text[length] == token[length])
		length++;
	if (token[length] && (text[length] || length < SHORTEST_CUT))
		return 0;
	return length;
}

/* Replace the token that the call has got: it must not reach the log. */
static void hide_token(char *line, const char *token)
{
	for (; *line; line++)
		memset(line, '*', token_length(line, token));
}

static void log_hook_line(const struct hook_log *log, const char *text)
{
	call_log(LOG_LEVEL_INFO, log->call, log->file, text);
}

static void end_hook_line(struct hook_log *log)
{
	log->line[log->length] = '\0';
	if (*log->line && log->count++ < HOOK_LOG_MOST_LINES) {
		utf8_repair(log->line);
		if (log->call && log->call->platform.access_token)
			hide_token(log->line, log->call->platform.access_token);
		log_hook_line(log, log->line);
	}
	log->length = 0;
}

static void add_hook_byte(struct hook_log *log, char byte)
{
	if (byte == '\0')
		byte = '?';
	if (log->length < HOOK_LOG_LONGEST_LINE)
		log->line[log->length++] = byte;
}

void hook_log_take(void *context, const char *bytes, size_t length)
{
	struct hook_log *log = context;

	for (size_t i = 0; i < length; i++)
		if (bytes[i] == '\n')
			end_hook_line(log);
		else
			add_hook_byte(log, bytes[i]);
}

void hook_log_end(struct hook_log *log)
{
	char text[64];

	if (log->length > 0)
		end_hook_line(log);
	if (log->count > HOOK_LOG_MOST_LINES) {
		snprintf(text, sizeof text, "%ld more lines were dropped",
			 log->count - HOOK_LOG_MOST_LINES);
		log_hook_line(log, text);
	}
	explicit_bzero(log->line, sizeof log->line);
}
