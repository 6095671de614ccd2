/* Any response to check's request has an HTTP status or none, and a problem
 * that it reports names a member that check knows. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "cgi/cli/ready_response.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/text/json.h"

static void assert_known_member(const char *trouble)
{
	static const char *const starts[] = { "database: ", "settings: ",
					      "addons: ", "keys: ", "hooks: " };

	for (size_t i = 0; i < COUNT(starts); i++)
		if (strncmp(trouble, starts[i], strlen(starts[i])) == 0)
			return;
	abort();
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	const struct ready_response response = ready_response_read(arena, text);
	const char *trouble = ready_response_trouble(arena, &response);
	char digits[] = " 000";

	(void)length;
	if (response.status == 0) {
		assert(!response.body && !trouble);
		return;
	}
	assert(response.status >= 100 && response.status <= 599);
	digits[1] = (char)('0' + response.status / 100);
	digits[2] = (char)('0' + response.status / 10 % 10);
	digits[3] = (char)('0' + response.status % 10);
	/* The status is on the first line. */
	assert(memmem(text, strcspn(text, "\r\n"), digits, strlen(digits)));
	if (trouble)
		assert_known_member(trouble);
}
