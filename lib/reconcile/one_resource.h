/*
 * one_resource.h - what the parts of reconcile.h share about one resource.
 */
#ifndef LIB_RECONCILE_ONE_RESOURCE_H
#define LIB_RECONCILE_ONE_RESOURCE_H

#include "lib/platform/platform.h"
#include "lib/store/job.h"
#include "lib/provider/provider.h"
#include "lib/reconcile/reconcile.h"
#include "lib/store/resource.h"

struct reconcile_case {
	struct reconcile *r;
	struct arena *arena;
	struct resource resource;
	const struct addon *addon;
	bool differs;
	bool is_mended;
	/* Of the database, from the first time that it is not OUTCOME_OK. */
	enum outcome outcome;
};

extern const struct resource_actor reconcile_actor;

/*
 * Ask as authorized_ask() does, at the pace the marketplace wants, while nobody
 * else calls it for this resource; its version then is another.  Where that
 * cannot be had the verdict is PLATFORM_LATER.
 */
struct platform_answer reconcile_ask(struct reconcile_case *c,
				     struct arena *arena,
				     struct platform_question question);

/* What the marketplace tells of one; NULL where it does not tell, and of the
 * plan where it is another service's. */
const char *reconcile_state_there(const struct json *addon);
const char *reconcile_plan_there(const struct json *addon);

/* In the marketplace's stead. */
struct provider_call reconcile_call(const struct reconcile_case *c);

/* Have a job done.  What was done then, in words; NULL: nothing was. */
const char *reconcile_queue(const struct reconcile_case *c, const char *id,
			    enum job_kind kind);

/* Tell, of the resource with this id. */
void reconcile_tell(const struct reconcile_case *c,
		    enum reconcile_matter matter, const char *id,
		    const char *here, const char *there, const char *done);

#endif
