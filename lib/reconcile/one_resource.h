/*
 * one_resource.h - one resource that is being compared, for the files of this
 * directory.
 */
#ifndef LIB_RECONCILE_ONE_RESOURCE_H
#define LIB_RECONCILE_ONE_RESOURCE_H

#include "lib/platform/platform.h"
#include "lib/provider/provider.h"
#include "lib/reconcile/reconcile.h"
#include "lib/store/job.h"
#include "lib/store/resource.h"

struct reconcile_item {
	struct reconcile *run;
	struct arena *arena;
	struct resource resource;
	const struct addon *addon;
	bool differs;
	bool is_repaired;
	enum outcome outcome; /* the first failure of the database, if any */
};

/*
 * Query the marketplace with the token of the item's resource, at the pace that
 * the marketplace allows.  A claimed job of the resource keeps other processes
 * from calling the marketplace for it meanwhile, and the resource gets a new
 * version.  If it already has such a job, the verdict is PLATFORM_LATER.
 */
MUST_CHECK struct platform_response
reconcile_query(struct reconcile_item *item, struct arena *arena,
		struct platform_request request);

/* Return the state, or the plan, of an add-on in a response.  Return NULL if it
 * has none, or if the plan does not have the form "SERVICE:PLAN". */
const char *reconcile_state_of(const struct json *addon);
const char *reconcile_plan_of(const struct json *addon);

/* Begin a call to the provider, as if the marketplace had sent a request. */
struct provider_call reconcile_begin_call(const struct reconcile_item *item);

/* Queue a job for the resource whose id is ours.  Return what to report as the
 * repair, or NULL on failure. */
const char *reconcile_queue_job(const struct reconcile_item *item,
				const char *id, enum job_kind kind);

/* Report a finding about the resource with this id. */
void reconcile_report(const struct reconcile_item *item,
		      enum reconcile_difference difference, const char *id,
		      const char *here, const char *there, const char *repair);

#endif
