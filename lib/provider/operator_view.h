/*
 * operator_view.h - what operators see of resources and jobs: the same for the
 * console and for the local API.
 *
 * Rows are JSON objects whose members the .sql files of the store name.  All
 * functions return OUTCOME_OK or the failure of the database, and what their
 * comments say.  operator.h finds one resource or job by its id.
 */
#ifndef LIB_PROVIDER_OPERATOR_VIEW_H
#define LIB_PROVIDER_OPERATOR_VIEW_H

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/db/json_rows.h"
#include "lib/provider/operator.h"
#include "lib/store/job_kind.h"
#include "lib/store/resource.h"
#include "lib/store/resource_list.h"

struct arena;
struct json;
struct provider;

/*
 * List a page of the resources of a query, newest first.
 *
 * OUTCOME_INVALID  there is no such state, or query->after is not one of our
 *                  ids; act->failure says which
 */
MUST_CHECK enum outcome
operator_list_resources(struct provider *provider, struct operator_act *act,
			const struct resource_list_query *query,
			struct json_rows *found);

struct operator_resource {
	const struct json *resource;
	/* Objects whose members are the config vars and options, or NULL after
	 * logging that no key opens them.  Before showing more than the names,
	 * call operator_reveal(). */
	const struct json *config;
	const struct json *options;
};

/* Read a resource that operator_find_resource() has found.  OUTCOME_NOT_FOUND:
 * it does not exist any more. */
MUST_CHECK enum outcome
operator_read_resource(struct provider *provider, struct operator_act *act,
		       const struct json *found,
		       struct operator_resource *resource);

/* A part of a list of events or jobs, newest first. */
struct operator_page {
	const char *after; /* the number of the last row of the previous page,
			      or NULL */
	int limit;
};

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

/* Return the description of the kind of a job, or NULL. */
MUST_CHECK const struct job_kind_info *
operator_job_kind(const struct json *job);

/* Return the name of a state of resources, 0 to RESOURCE_STATES - 1. */
const char *operator_state_name(int state);

#endif
