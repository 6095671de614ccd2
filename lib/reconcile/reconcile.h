/*
 * reconcile.h - compares our resources with the marketplace's.
 *
 * Either each provisioned resource is read from its marketplace with its own
 * token, at the pace that the marketplace allows; for other resources that the
 * token can see, lost.h checks whether we have them.  Or all are compared with
 * a list of the marketplace in a file (list.h), which needs no token.
 */
#ifndef LIB_RECONCILE_RECONCILE_H
#define LIB_RECONCILE_RECONCILE_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/text/uuid.h"

struct arena;
struct provider;
struct reconcile_list;
struct reconcile_seen;

enum reconcile_difference {
	RECONCILE_GONE,     /* the marketplace does not have it any more */
	RECONCILE_PLAN,     /* the marketplace has another plan */
	RECONCILE_STATE,    /* the marketplace waits for it, or we removed it */
	RECONCILE_CONFIG,   /* config vars differ */
	RECONCILE_LOST,     /* we do not have it */
	RECONCILE_REVOKED,  /* the marketplace refuses its token for good */
	RECONCILE_BUSY,     /* a job for it is unfinished: not compared */
	RECONCILE_UNCHECKED /* the marketplace cannot be queried, or not now */
};

const char *reconcile_difference_name(enum reconcile_difference difference);

/* What to do with config vars that differ. */
enum reconcile_config {
	RECONCILE_CONFIG_SHOW,  /* change nothing */
	RECONCILE_CONFIG_OURS,  /* send ours to the marketplace */
	RECONCILE_CONFIG_THEIRS /* store the marketplace's here */
};

struct reconcile_finding {
	enum reconcile_difference difference;
	const char *id; /* ours; for RECONCILE_LOST, the marketplace's */
	const char *marketplace;
	const char *addon;
	const char *here;   /* for RECONCILE_CONFIG, names only, no values */
	const char *there;  /* for RECONCILE_BUSY and _UNCHECKED, the reason */
	const char *repair; /* what was done; NULL: nothing */
};

/* Numbers of resources. */
struct reconcile_counts {
	int agreeing;
	int differing; /* not repaired */
	int repaired;
	int revoked;
	int unchecked; /* RECONCILE_BUSY, too */
};

/* The caller sets the first members and zeroes the results. */
struct reconcile {
	struct provider *provider; /* with a platform */
	const char *marketplace;   /* NULL: all */
	const char *addon;         /* NULL: all */
	const char *after;         /* our id that precedes the first; or NULL */
	/* Of parts processes that share the work, the number of this one. */
	int part, parts;
	const struct reconcile_list *list; /* NULL: query the marketplace */
	bool repairs;
	enum reconcile_config config;
	atomic_int *removals_left; /* the processes may share it */
	/* If it becomes true, the run ends after the present resource. */
	const volatile sig_atomic_t *interrupted; /* or NULL */
	/* Called for each finding, which is valid only during the call. */
	void (*report)(void *context, const struct reconcile_finding *finding);
	void *context;

	/* Results. */
	struct reconcile_counts counts;
	bool is_stopped; /* there are no removals left for another one */
	/* If the run ended early: our id of the last resource that was
	 * compared, or "" before the first. */
	char last[UUID_LENGTH + 1];
	/* Why lost resources cannot be found; NULL: they can.  Valid until
	 * reconcile_close(). */
	const char *no_list;
	struct reconcile_seen *seen; /* private */
};

/*
 * Compare resources, and repair differences if run->repairs is true:
 *
 * gone       deprovision the resource, as a request of the marketplace would
 * plan       change the plan to the marketplace's
 * state      if the marketplace waits, tell it that the resource is ready
 * config     as run->config says
 * lost       import the resource, if its config vars can be read
 *
 * Each repair is an event of the actor "reconcile".  The caller ends the run
 * with reconcile_close().
 *
 * OUTCOME_UNAVAILABLE  the database does not respond; earlier repairs stay
 */
MUST_CHECK enum outcome reconcile_run(struct reconcile *run);
void reconcile_close(struct reconcile *run);

#endif
