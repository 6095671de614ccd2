/*
 * local_resources.c - shows resources for the local API.
 */
#include "cgi/web/local.h"

#include "cgi/web/http.h"
#include "cgi/web/local_target.h"
#include "lib/base/arena.h"
#include "lib/provider/operator_read.h"
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
	outcome = operator_select_resources(
		x->provider->db, &act,
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

enum outcome local_show_resource(struct exchange *x, const char *id)
{
	static const char *const names[] = { "marketplace", "addon", "reveal",
					     NULL };
	struct local_target target;
	const struct json *shown;
	int64_t reveals = 0;
	enum outcome outcome = local_find_target(x, id, names, &target);

	if (outcome == OUTCOME_OK)
		outcome = local_read_number(x, &target.query, "reveal", 0, 1,
					    &reveals);
	if (outcome == OUTCOME_OK)
		outcome = operator_read_resource(x->provider, &target.act,
						 target.resource, reveals,
						 &shown);
	if (outcome != OUTCOME_OK)
		return outcome;
	x->response = json_print(x->arena, shown);
	return OUTCOME_OK;
}
