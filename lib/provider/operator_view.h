/*
 * operator_view.h - what operators see of resources and jobs, without values
 * that customers keep secret.
 *
 * Rows are JSON objects whose members the .sql files of the store name.  All
 * functions return OUTCOME_OK or the failure of the database, and what their
 * comments say.
 */
#ifndef LIB_PROVIDER_OPERATOR_VIEW_H
#define LIB_PROVIDER_OPERATOR_VIEW_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/db/json_rows.h"
#include "lib/store/job_kind.h"
#include "lib/store/resource.h"

struct arena;
struct json;
struct provider;

/* A part of a list, newest first. */
struct operator_page {
	const char *after; /* the id of the last row of the previous page, or
			      NULL; a UUID of resources, digits of others */
	int limit;
};

/* List resources by text, as resource_list.h explains it, and state; NULL: any.
 */
MUST_CHECK enum outcome
operator_list_resources(struct provider *provider, struct arena *arena,
			const char *text, const char *state,
			const struct operator_page *page,
			struct json_rows *found);

struct operator_resource {
	const struct json *resource;
	/* Objects whose members are the config vars and options, or NULL if no
	 * key opens them.  Show only the names. */
	const struct json *config;
	const struct json *options;
};

/*
 * Read a resource by our id, or else by any other of its ids.
 *
 * OUTCOME_NOT_FOUND  no resource has the id
 * OUTCOME_INVALID    several have it; found lists up to 20 of them
 */
MUST_CHECK enum outcome
operator_show_resource(struct provider *provider, struct arena *arena,
		       const char *id, struct operator_resource *resource,
		       struct json_rows *found);

/* List the history of the resource with our id. */
MUST_CHECK enum outcome operator_list_events(struct provider *provider,
					     struct arena *arena,
					     const char *resource,
					     const struct operator_page *page,
					     struct json_rows *found);

/* Which jobs a list has: those that wait for an operator, all that are not
 * finished, or all. */
enum operator_jobs {
	OPERATOR_JOBS_STUCK,
	OPERATOR_JOBS_OPEN,
	OPERATOR_JOBS_ALL
};

/* List the jobs of the resource with our id, or of all resources (NULL). */
MUST_CHECK enum outcome
operator_list_jobs(struct provider *provider, struct arena *arena,
		   const char *resource, enum operator_jobs which,
		   const struct operator_page *page, struct json_rows *found);

/* Read a job.  OUTCOME_NOT_FOUND: no job has the id. */
MUST_CHECK enum outcome operator_show_job(struct provider *provider,
					  struct arena *arena, const char *id,
					  const struct json **job);

/* Return the description of the kind of a job, or NULL. */
MUST_CHECK const struct job_kind_info *
operator_job_kind(const struct json *job);

/* Return the name of a state (0 to RESOURCE_STATES - 1); and whether a text is
 * such a name. */
const char *operator_state_name(int state);
MUST_CHECK bool operator_is_state(const char *name);

#endif
