#include "lib/addon/addon.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"
#include "lib/text/json.h"

bool addon_allows_plan(const struct addon *addon, const char *from,
		       const char *plan, const char **refusal)
{
	const struct json *to;

	if (!addon->plans || (from && strcmp(from, plan) == 0))
		return true;
	if (!json_member(addon->plans, plan)) {
		*refusal = "There is no such plan.";
		return false;
	}
	to = from ? json_member(json_member(addon->plans, from), "to") : NULL;
	if (to && !json_has_text(to, plan)) {
		*refusal = "This plan cannot be changed to the requested one.";
		return false;
	}
	return true;
}

bool addon_has_tokens(const struct addon *addon)
{
	const struct dialect_api *api = addon->dialect->api;

	return api && api->authorization == DIALECT_BEARER;
}

bool addon_may_call(const struct addon *addon)
{
	return addon->dialect->api
		&& (!addon_has_tokens(addon) || addon->client_secret);
}

bool addon_declares(const struct addon *addon, const char *name)
{
	return json_has_text(addon->config_vars, name);
}
