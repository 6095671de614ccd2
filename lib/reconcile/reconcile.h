/*
 * reconcile.h - compares our resources with the marketplace's.
 *
 * Each provisioned resource is read from its marketplace with its own token, at
 * the pace that the marketplace allows.  For other resources that the token can
 * see, lost.h checks whether we have them.
 */
#ifndef LIB_RECONCILE_RECONCILE_H
#define LIB_RECONCILE_RECONCILE_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct provider;
struct reconcile_seen;

enum reconcile_difference {
	RECONCILE_GONE,     /* the marketplace does not have it any more */
	RECONCILE_PLAN,     /* the marketplace has another plan */
	RECONCILE_STATE,    /* the marketplace waits for it, or we removed it */
	RECONCILE_CONFIG,   /* the marketplace lacks these vars or values */
	RECONCILE_LOST,     /* we do not have it */
	RECONCILE_UNCHECKED /* the marketplace cannot be queried, or not now */
};

const char *reconcile_difference_name(enum reconcile_difference difference);

struct reconcile_finding {
	enum reconcile_difference difference;
	const char *id; /* ours; for RECONCILE_LOST, the marketplace's */
	const char *marketplace;
	const char *addon;
	const char *here;   /* for RECONCILE_CONFIG, names only, no values */
	const char *there;  /* for RECONCILE_UNCHECKED, the reason */
	const char *repair; /* what was done; NULL: nothing */
};

/* The caller sets the first members and zeroes the results. */
struct reconcile {
	struct provider *provider; /* with a platform */
	const char *marketplace;   /* NULL: all */
	const char *addon;         /* NULL: all */
	bool repairs;
	int max_removals;
	/* Called for each finding, which is valid only during the call. */
	void (*report)(void *context, const struct reconcile_finding *finding);
	void *context;

	/* Results: numbers of resources. */
	int agreeing;
	int differing; /* not repaired */
	int repaired;
	int unchecked;
	int removed;
	bool is_stopped; /* another removal would have exceeded max_removals */
	/* Why lost resources cannot be found; NULL: they can.  Valid until
	 * reconcile_close(). */
	const char *no_list;
	struct reconcile_seen *seen; /* private */
};

/*
 * Compare resources, and repair differences if run->repairs is true:
 *
 * gone       deprovision the resource, as a request of the marketplace would
 * plan       change the plan to the marketplace's, and send the config
 * state      if the marketplace waits, tell it that the resource is ready
 * config     send the config
 * lost       import the resource
 *
 * Each repair is an event of the actor "reconcile".  The caller ends the run
 * with reconcile_close().
 *
 * OUTCOME_UNAVAILABLE  the database does not respond; earlier repairs stay
 */
MUST_CHECK enum outcome reconcile_run(struct reconcile *run);
void reconcile_close(struct reconcile *run);

#endif
