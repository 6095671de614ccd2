/*
 * local_target.h - reads the parts of a request of the local API about a
 * resource: the caller's name, the id, and the body.
 */
#ifndef CGI_WEB_LOCAL_TARGET_H
#define CGI_WEB_LOCAL_TARGET_H

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/provider/operator.h"
#include "lib/text/form.h"

struct exchange;

/* The resource that the path and the query name. */
struct local_target {
	struct operator_act act;
	const struct json *resource;
	struct form query;
};

/* Begin an act of the caller whom X-Provisor-Actor names.  OUTCOME_MALFORMED:
 * it is not a valid name. */
MUST_CHECK enum outcome local_begin_act(struct exchange *x,
					struct operator_act *act);

/* Begin an act on the resource with this id.  The query may have each of names,
 * as in local_read_query().  The other outcomes are those of
 * operator_find_resource(). */
MUST_CHECK enum outcome local_find_target(struct exchange *x, const char *id,
					  const char *const names[],
					  struct local_target *target);

/* Find another resource for the same act: the query of target chooses between
 * resources that have the same id.  The outcomes are those of
 * operator_find_resource(). */
MUST_CHECK enum outcome local_find_resource(struct exchange *x,
					    struct local_target *target,
					    const char *id,
					    const struct json **resource);

/* Read the body: an object, or nothing, which is an empty object.
 * OUTCOME_MALFORMED: it is something else. */
MUST_CHECK enum outcome local_read_object(struct exchange *x,
					  const struct json **object);

#endif
