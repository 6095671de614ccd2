/*
 * operator_read.h - reads resources for an operator.
 *
 * All functions return OUTCOME_UNAVAILABLE if the database does not respond.
 */
#ifndef LIB_PROVIDER_OPERATOR_READ_H
#define LIB_PROVIDER_OPERATOR_READ_H

#include "lib/provider/operator.h"
#include "lib/store/resource_list.h"

/*
 * List a page of the resources of a query, newest first.
 *
 * OUTCOME_INVALID  there is no such state, or query->after is not one of our
 *                  ids
 */
MUST_CHECK enum outcome
operator_select_resources(struct db *db, struct operator_act *act,
			  const struct resource_list_query *query,
			  struct json_rows *found);

/*
 * Read a resource that operator_find_resource() has found, with its config vars
 * in a member "config": null in place of each value.  If reveals is true, which
 * is an event, it has the values, and the options that the customer chose.
 *
 * OUTCOME_NOT_FOUND    it does not exist
 * OUTCOME_UNAVAILABLE  also if a value cannot be opened
 */
MUST_CHECK enum outcome operator_read_resource(struct provider *provider,
					       struct operator_act *act,
					       const struct json *resource,
					       bool reveals,
					       const struct json **shown);

#endif
