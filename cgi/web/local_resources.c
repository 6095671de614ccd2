/*
 * local_resources.c - shows resources for the local API.
 */
#include "cgi/web/local.h"

#include "cgi/web/http.h"
#include "cgi/web/local_target.h"
#include "lib/base/arena.h"
#include "lib/provider/operator_view.h"
#include "lib/text/json.h"

enum outcome local_list_resources(struct exchange *x, const char *id)
{
	static const char *const names[] = { "marketplace", "addon", "state",
					     "plan",        "text",  "after",
					     "limit",       NULL };
	struct operator_act act;
	struct form query;
	int64_t limit = LOCAL_DEFAULT;
	struct json_rows found;
	enum outcome outcome = local_begin_act(x, &act);

	(void)id;
	if (outcome == OUTCOME_OK)
		outcome = local_read_query(x, names, &query);
	if (outcome == OUTCOME_OK)
		outcome = local_read_number(x, &query, "limit", 1, LOCAL_MOST,
					    &limit);
	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = operator_list_resources(
		x->provider, &act,
		&(struct resource_list_query){
			.marketplace = form_value(&query, "marketplace"),
			.addon = form_value(&query, "addon"),
			.state = form_value(&query, "state"),
			.plan = form_value(&query, "plan"),
			.text = form_value(&query, "text"),
			.after = form_value(&query, "after"),
			.limit = (int)limit,
		},
		&found);
	if (outcome != OUTCOME_OK)
		return local_refuse(x, outcome, act.failure);
	x->response = local_write_page(
		x->arena, "resources", &found,
		found.is_cut ? json_print(
			x->arena,
			json_member(found.list[found.count - 1], "id"))
			     : "null");
	return OUTCOME_OK;
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

static enum outcome respond_resource(struct exchange *x,
				     const struct operator_resource *resource,
				     bool reveals)
{
	struct json *response = json_copy(x->arena, resource->resource);

	if (!resource->config || (reveals && !resource->options))
		return OUTCOME_UNAVAILABLE;
	json_put(response, "config",
		 reveals ? resource->config
			 : mask_config_values(x->arena, resource->config));
	if (reveals)
		json_put(response, "options", resource->options);
	x->response = json_print(x->arena, response);
	return OUTCOME_OK;
}

enum outcome local_show_resource(struct exchange *x, const char *id)
{
	static const char *const names[] = { "marketplace", "addon", "reveal",
					     NULL };
	struct local_target target;
	struct operator_resource resource;
	int64_t reveals = 0;
	enum outcome outcome = local_find_target(x, id, names, &target);

	if (outcome == OUTCOME_OK)
		outcome = local_read_number(x, &target.query, "reveal", 0, 1,
					    &reveals);
	if (outcome == OUTCOME_OK && reveals)
		outcome = operator_reveal(x->provider->db, &target.act,
					  target.resource);
	if (outcome == OUTCOME_OK)
		outcome = operator_read_resource(x->provider, &target.act,
						 target.resource, &resource);
	return outcome == OUTCOME_OK ? respond_resource(x, &resource, reveals)
				     : outcome;
}
