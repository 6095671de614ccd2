/*
 * one_resource.h - one resource that is being compared, for the files of this
 * folder.
 */
#ifndef LIB_RECONCILE_ONE_RESOURCE_H
#define LIB_RECONCILE_ONE_RESOURCE_H

#include "lib/platform/platform.h"
#include "lib/provider/provider.h"
#include "lib/reconcile/reconcile.h"
#include "lib/store/job.h"
#include "lib/store/resource.h"

/* Of the events. */
extern const struct resource_actor reconcile_actor;

struct reconcile_item {
	struct reconcile *run;
	struct arena *arena;
	struct resource resource;
	const struct addon *addon;
	/* Of the last query: why there is no token; NULL: there is one, or may
	 * be later. */
	const char *no_token;
	bool is_revoked;        /* the marketplace refuses its token for good */
	bool refuses_new_token; /* as in struct authorized */
	/* It has an unfinished job for the listener or the marketplace, so it
	 * cannot be compared now. */
	bool is_busy;
	bool differs;
	bool is_repaired;     /* all differences so far */
	enum outcome outcome; /* the first failure of the database, if any */
};

/*
 * Query the marketplace with the token of the item's resource, at the pace that
 * the marketplace allows.  A claimed job of the resource keeps other processes
 * from calling the marketplace for it meanwhile, and the resource gets a new
 * version.  If it already has such a job, the verdict is PLATFORM_LATER.  If
 * the token is refused for good, item->is_revoked becomes true.
 */
MUST_CHECK struct platform_response
reconcile_query(struct reconcile_item *item, struct arena *arena,
		struct platform_request request);

/* Return the state, or the plan, of an add-on in a response.  Return NULL if it
 * has none, or if the plan does not have the form "SERVICE:PLAN". */
const char *reconcile_state_of(const struct json *addon);
const char *reconcile_plan_of(const struct json *addon);

/* Return the config vars in a list of the marketplace that the add-on declares,
 * as an object of strings. */
const struct json *reconcile_config_of(const struct reconcile_item *item,
				       const struct json *list);

/* Begin a call to the provider, as if the marketplace had sent a request. */
struct provider_call reconcile_begin_call(const struct reconcile_item *item);

/* Return that the resource has a job for the listener, as a reason why it
 * cannot be compared, or NULL if it has none. */
const char *reconcile_listener_job(struct reconcile_item *item);

/* Queue a job for the resource whose id is ours.  Return what to report as the
 * repair, or NULL on failure. */
const char *reconcile_queue_job(const struct reconcile_item *item,
				const char *id, enum job_kind kind);

/* Report a finding about the resource with this id.  repair is what was done
 * about it, or NULL. */
void reconcile_report(const struct reconcile_item *item,
		      enum reconcile_difference difference, const char *id,
		      const char *here, const char *there, const char *repair);

/* Report a difference of the item's resource.  The item counts as repaired if
 * all of its differences are. */
void reconcile_note_difference(struct reconcile_item *item,
			       enum reconcile_difference difference,
			       const char *here, const char *there,
			       const char *repair);

/* Report that the item's resource is busy or cannot be compared, and count it
 * as unchecked. */
void reconcile_leave_unchecked(struct reconcile_item *item, const char *reason);

/* Report that the marketplace still waits for the item's resource.  If the run
 * repairs and the marketplace can be called, a job completes it there. */
void reconcile_note_awaited(struct reconcile_item *item);

/*
 * Deprovision the item's resource, or change its plan, as if the marketplace
 * had sent the request.  Return what to report as the repair, or NULL if
 * nothing was done: because the run does not repair, because it has reached its
 * limit (run->is_stopped is true then), or on failure.  If the listener is not
 * ready to change the plan, a job continues.
 */
const char *reconcile_deprovision_here(struct reconcile_item *item);
const char *reconcile_change_plan_here(struct reconcile_item *item,
				       const char *plan);

/* The marketplace has the plan of the resource: a broken promise of another one
 * does not count any more, if run->repairs is true. */
void reconcile_note_same_plan(struct reconcile_item *item);

#endif
