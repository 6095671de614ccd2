#include "lib/provider/operator_view.h"

#include "lib/provider/operator_call.h"
#include "lib/provider/provider.h"
#include "lib/store/event_list.h"
#include "lib/store/job_list.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"
#include "lib/text/uuid.h"

/* ---- resources ---- */

enum outcome operator_list_resources(struct provider *provider,
				     struct operator_act *act,
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
	return resource_list(provider->db, act->arena, query, found);
}

/* A value that cannot be opened is a NULL, after logging why. */
static void open_values(const struct provider *provider, struct arena *arena,
			const struct resource_list_shown *shown,
			struct operator_resource *resource)
{
	const struct resource_identity identity =
		resource_identity_read(shown->resource);
	struct resource_secrets secrets;

	*resource = (struct operator_resource){
		.resource = shown->resource,
		.options = json_object(arena),
	};
	if (resource_secrets_open(provider->keys, arena, identity,
				  shown->config, &secrets))
		resource->config = secrets.config;
	if (shown->options
	    && !resource_secrets_open_options(provider->keys, arena, identity,
					      shown->options,
					      &resource->options))
		resource->options = NULL;
}

enum outcome operator_read_resource(struct provider *provider,
				    struct operator_act *act,
				    const struct json *found,
				    struct operator_resource *resource)
{
	struct resource_list_shown shown;
	enum outcome outcome =
		resource_list_show(provider->db, act->arena,
				   json_text(json_member(found, "id")), &shown);

	if (outcome == OUTCOME_OK && !shown.resource)
		return OUTCOME_NOT_FOUND;
	if (outcome == OUTCOME_OK)
		open_values(provider, act->arena, &shown, resource);
	return outcome;
}

/* ---- events and jobs ---- */

enum outcome operator_list_events(struct provider *provider,
				  struct arena *arena, const char *resource,
				  const struct operator_page *page,
				  struct json_rows *found)
{
	const struct event_query query = {
		.resource = resource,
		.after = page->after,
		.limit = page->limit,
	};

	return event_list(provider->db, arena, &query, found);
}

enum outcome operator_list_jobs(struct provider *provider, struct arena *arena,
				const char *resource, enum operator_jobs which,
				const struct operator_page *page,
				struct json_rows *found)
{
	const struct job_query query = {
		.resource = resource,
		.has_given_up = which == OPERATOR_JOBS_STUCK,
		.with_done = which == OPERATOR_JOBS_ALL,
		.after = page->after,
		.limit = page->limit,
	};

	return job_list(provider->db, arena, &query, found);
}

const struct job_kind_info *operator_job_kind(const struct json *job)
{
	const char *name = json_text(json_member(job, "kind"));
	enum job_kind kind;

	return name && job_kind_named(name, &kind) ? &job_kinds[kind] : NULL;
}

/* ---- states ---- */

const char *operator_state_name(int state)
{
	return resource_state_name((enum resource_state)state);
}
