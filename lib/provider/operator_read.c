#include "lib/provider/operator_read.h"

#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/provider/operator_call.h"
#include "lib/store/resource.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"
#include "lib/text/uuid.h"

enum outcome operator_select_resources(struct db *db, struct operator_act *act,
				       const struct resource_list_query *query,
				       struct json_rows *found)
{
	char uuid[UUID_LENGTH + 1];
	enum resource_state state;

	if (query->state && !resource_state_named(query->state, &state))
		return operator_fail(act, OUTCOME_INVALID,
				     "there is no such state");
	if (query->after && !uuid_read(query->after, uuid))
		return operator_fail(act, OUTCOME_INVALID,
				     "after is not the id of a resource");
	return resource_list(db, act->arena, query, found);
}

/* Return config with null in place of each value. */
static const struct json *mask_config_values(struct arena *arena,
					     const struct json *config)
{
	struct json *masked = json_object(arena);

	for (const struct json *m = json_first(config); m; m = json_next(m))
		json_put(masked, json_name(m), NULL);
	return masked;
}

/* Add the values of options, and those of config vars or null in their
 * places. */
static enum outcome put_config_values(struct provider *provider,
				      struct operator_act *act,
				      const struct resource_list_shown *found,
				      bool reveals, struct json *copy)
{
	const struct resource_identity identity =
		resource_identity_read(found->resource);
	struct resource_secrets secrets;
	const struct json *options = NULL;

	if (!resource_secrets_open(provider->keys, act->arena, identity,
				   found->config, &secrets))
		return OUTCOME_UNAVAILABLE;
	json_put(copy, "config",
		 reveals ? secrets.config
			 : mask_config_values(act->arena, secrets.config));
	if (!reveals)
		return OUTCOME_OK;
	if (found->options
	    && !resource_secrets_open_options(provider->keys, act->arena,
					      identity, found->options,
					      &options))
		return OUTCOME_UNAVAILABLE;
	json_put(copy, "options", options);
	return OUTCOME_OK;
}

enum outcome operator_read_resource(struct provider *provider,
				    struct operator_act *act,
				    const struct json *resource, bool reveals,
				    const struct json **shown)
{
	const char *id = json_text(json_member(resource, "id"));
	struct resource_list_shown found;
	struct json *copy;
	enum outcome outcome =
		resource_list_show(provider->db, act->arena, id, &found);

	if (outcome == OUTCOME_OK && !found.resource)
		return OUTCOME_NOT_FOUND;
	if (outcome == OUTCOME_OK && reveals)
		outcome = operator_reveal(provider->db, act, found.resource);
	if (outcome != OUTCOME_OK)
		return outcome;
	copy = json_copy(act->arena, found.resource);
	outcome = put_config_values(provider, act, &found, reveals, copy);
	if (outcome == OUTCOME_OK)
		*shown = copy;
	return outcome;
}
