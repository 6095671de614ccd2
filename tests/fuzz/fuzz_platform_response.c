/* Whatever a marketplace sends, the reason is printable, and a token that is
 * accepted can stand in a header. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/platform/https.h"
#include "lib/platform/response.h"

static void assert_printable(const char *text)
{
	for (; *text; text++)
		assert(*text >= ' ' && *text <= '~');
}

/* The first line has the status and also serves as the value of headers. */
void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	size_t first = strcspn(text, "\n");
	size_t rest = first < length ? first + 1 : length;
	const char *line = arena_strndup(arena, text, first);
	const struct https_response reply = {
		.status = atoi(line),
		.body = fuzz_bare(arena, text + rest, length - rest),
		.length = length - rest,
		.request_id = line,
		.remaining = line,
		.retry_after = atoll(line),
	};
	const struct https_response none = { .fault = line };
	struct platform_response answer =
		platform_response_read(arena, "call", &reply);
	struct platform_tokens tokens;

	assert(answer.remaining >= -1);
	assert(answer.retry_after >= 0 && answer.retry_after <= 86400);
	assert(!answer.why == (answer.verdict == PLATFORM_DONE));
	if (answer.why)
		assert_printable(answer.why);
	assert_printable(platform_response_read(arena, "call", &none).why);
	if (!platform_read_tokens(answer.body, &tokens))
		return;
	assert(platform_is_token(tokens.access) && tokens.expires_in > 0);
	assert_printable(tokens.access);
	assert(!tokens.refresh || *tokens.refresh);
}
