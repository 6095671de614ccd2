/*
 * provision.h - a request to provision, while it is carried out.
 *
 * Only the files provision*.c include this header.  provision.c decides whether
 * to create the resource or to repeat the response.
 */
#ifndef LIB_PROVIDER_PROVISION_H
#define LIB_PROVIDER_PROVISION_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/provider/call.h"

struct provision {
	struct provider *provider;
	struct provider_call *call;
	const struct provision_request *request;
	struct dialect_response *response;
	bool is_sold;       /* a new resource can have the plan */
	const char *unsold; /* why not: a sentence for the customer */
	bool has_taken_id;  /* a resource of another add-on has its id */
	bool is_created;    /* an earlier attempt or request has created it, or
			       seems to have */
};

/* Create the resource, and call the listener or leave that to provisor-jobs.
 * *created is false if a resource with its id exists. */
MUST_CHECK enum outcome provision_create(struct provision *provision,
					 bool *created);

/*
 * Respond to a request whose resource exists.  Renew its grant if the request
 * has a newer one, and continue a provision that no other process carries out.
 *
 * OUTCOME_GONE     the resource is deprovisioned
 * OUTCOME_INVALID  the first request was another one, or was refused; the
 *                  reason is call->failure
 */
MUST_CHECK enum outcome provision_repeat(struct provision *provision,
					 const struct resource *resource,
					 enum provider_progress *progress);

/* Carry out the claimed job of the resource, and set the response. */
MUST_CHECK enum outcome provision_run_job(struct provision *provision,
					  const struct resource *resource,
					  const struct job *job);

/* Set the response of a resource whose config is not known yet, and return
 * OUTCOME_ACCEPTED.  message is the listener's, or NULL. */
MUST_CHECK enum outcome provision_respond_promised(struct provision *provision,
						   const char *id,
						   const char *message);

#endif
