#include "lib/provider/operator_view.h"

#include <string.h>

#include "lib/provider/provider.h"
#include "lib/store/event_list.h"
#include "lib/store/job_list.h"
#include "lib/store/resource_list.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"
#include "lib/text/number.h"
#include "lib/text/uuid.h"

enum { MOST_CANDIDATES = 20 };

/* ---- resources ---- */

enum outcome operator_list_resources(struct provider *provider,
				     struct arena *arena, const char *text,
				     const char *state,
				     const struct operator_page *page,
				     struct json_rows *found)
{
	const struct resource_list_query query = {
		.text = text,
		.state = state,
		.after = page->after,
		.limit = page->limit,
	};

	return resource_list(provider->db, arena, &query, found);
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

/* shown->resource stays NULL if no resource has our id. */
static enum outcome find_by_our_id(struct provider *provider,
				   struct arena *arena, const char *id,
				   struct resource_list_shown *shown)
{
	char uuid[UUID_LENGTH + 1];

	if (!uuid_read(id, uuid))
		return OUTCOME_OK;
	return resource_list_show(provider->db, arena, uuid, shown);
}

static enum outcome find_by_other_id(struct provider *provider,
				     struct arena *arena, const char *id,
				     struct resource_list_shown *shown,
				     struct json_rows *found)
{
	const struct resource_list_query query = { .id = id,
						   .limit = MOST_CANDIDATES };
	enum outcome outcome =
		resource_list(provider->db, arena, &query, found);

	if (outcome != OUTCOME_OK)
		return outcome;
	if (found->count > 1)
		return OUTCOME_INVALID;
	if (found->count == 0)
		return OUTCOME_NOT_FOUND;
	return resource_list_show(provider->db, arena,
				  json_text(json_member(found->list[0], "id")),
				  shown);
}

enum outcome operator_show_resource(struct provider *provider,
				    struct arena *arena, const char *id,
				    struct operator_resource *resource,
				    struct json_rows *found)
{
	struct resource_list_shown shown = { 0 };
	enum outcome outcome = find_by_our_id(provider, arena, id, &shown);

	if (outcome == OUTCOME_OK && !shown.resource)
		outcome = find_by_other_id(provider, arena, id, &shown, found);
	if (outcome != OUTCOME_OK)
		return outcome;
	if (!shown.resource)
		return OUTCOME_NOT_FOUND;
	open_values(provider, arena, &shown, resource);
	return OUTCOME_OK;
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

enum outcome operator_show_job(struct provider *provider, struct arena *arena,
			       const char *id, const struct json **job)
{
	int64_t number;
	enum outcome outcome = OUTCOME_OK;

	*job = NULL;
	if (number_read(id, 0, INT64_MAX, &number))
		outcome = job_list_show(provider->db, arena, id, job);
	if (outcome != OUTCOME_OK)
		return outcome;
	return *job ? OUTCOME_OK : OUTCOME_NOT_FOUND;
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

bool operator_is_state(const char *name)
{
	enum resource_state state;

	return resource_state_named(name, &state);
}
