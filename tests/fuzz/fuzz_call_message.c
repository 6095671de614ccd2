/* A call, as the hooks pool receives it.  A call that is read is written again
 * as the same bytes. */
#include "fuzz.h"

#include <string.h>

#include "lib/process/call_message.h"

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	struct call_header header;
	struct call_message call;
	const char *texts, *written;
	size_t size;

	if (length < sizeof header)
		return;
	memcpy(&header, text, sizeof header);
	if (!call_message_accepts(&header)
	    || header.length != length - sizeof header)
		return;
	texts = fuzz_bare(arena, text + sizeof header, header.length);
	if (!call_message_read(arena, &header, texts, &call))
		return;
	written = call_message_write(arena, &call, &size);
	assert(written && size == length);
	assert(memcmp(written, text, length) == 0);
}
