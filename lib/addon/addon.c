#include "lib/addon/addon.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"
#include "lib/text/json.h"
#include "lib/text/percent.h"

/* Return true if a list of texts has text. */
static bool has_entry(const struct json *list, const char *text)
{
	const struct json *entry;

	for (entry = json_first(list); entry; entry = json_next(entry))
		if (json_text(entry) && strcmp(json_text(entry), text) == 0)
			return true;
	return false;
}

bool addon_allows_plan(const struct addon *addon, const char *from,
		       const char *plan, const char **complaint)
{
	const struct json *to;

	if (!addon->plans || (from && strcmp(from, plan) == 0))
		return true;
	if (!json_member(addon->plans, plan)) {
		*complaint = "There is no such plan.";
		return false;
	}
	to = from ? json_member(json_member(addon->plans, from), "to") : NULL;
	if (to && !has_entry(to, plan)) {
		*complaint =
			"This plan cannot be changed to the one asked for.";
		return false;
	}
	return true;
}

const char *addon_dashboard(const struct addon *addon, struct arena *arena,
			    const char *id)
{
	static const char place[] = "${id}";
	const char *rest = addon->dashboard;
	const char *url = rest ? "" : NULL;

	while (rest && *rest) {
		const char *at = strstr(rest, place);
		size_t length = at ? (size_t)(at - rest) : strlen(rest);

		url = arena_printf(arena, "%s%.*s%s", url, (int)length, rest,
				   at ? percent_encode(arena, id) : "");
		rest += length + (at ? strlen(place) : 0);
	}
	return url;
}

bool addon_may_call(const struct addon *addon)
{
	return addon->dialect->may_promise && addon->client_secret;
}

bool addon_declares(const struct addon *addon, const char *name)
{
	return has_entry(addon->config_vars, name);
}
