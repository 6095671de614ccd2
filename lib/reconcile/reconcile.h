/*
 * reconcile.h - compares what is kept with what the marketplace tells.
 *
 * Each resource that is provisioned here is asked for with its own token, at
 * the pace the marketplace wants; and what its token can see beside it is
 * looked for here (reconcile_lost.h).
 */
#ifndef LIB_RECONCILE_RECONCILE_H
#define LIB_RECONCILE_RECONCILE_H

#include <stdbool.h>

#include "lib/base/outcome.h"

struct arena;
struct provider;
struct reconcile_seen;

enum reconcile_matter {
	RECONCILE_GONE,   /* there, and alive here */
	RECONCILE_PLAN,   /* it has another there */
	RECONCILE_STATE,  /* the marketplace still waits for it */
	RECONCILE_CONFIG, /* vars that lack there, or have another value */
	RECONCILE_LOST,   /* there, and not known here */
	RECONCILE_UNASKED /* the marketplace cannot be asked, or not now */
};

const char *reconcile_matter_name(enum reconcile_matter matter);

struct reconcile_finding {
	enum reconcile_matter matter;
	const char *id; /* ours; of what is lost, the marketplace's */
	const char *marketplace;
	const char *addon;
	const char *here;  /* of config: the names; never a value */
	const char *there; /* of what was not asked: why */
	const char *done;  /* NULL: nothing */
};

struct reconcile {
	struct provider *provider; /* with a platform */
	const char *marketplace;   /* NULL does not restrict */
	const char *addon;
	bool repairs;
	int most; /* that may be removed */
	/* Told of each finding; what it points at lasts no longer. */
	void (*tell)(void *listener, const struct reconcile_finding *finding);
	void *listener;

	/* Set. */
	int agreeing;
	int differing; /* that were not mended */
	int mended;
	int unasked;
	int removed;
	bool is_stopped; /* one more was to be removed than may be */
	const char
		*blind; /* why a marketplace could not be asked for all that
			   it has; NULL: each could.  Until reconcile_close() */
	struct reconcile_seen *seen; /* of its own */
};

/*
 * Compare, and with repairs mend: what is gone there is deprovisioned as the
 * marketplace would, a plan is changed here to the one there, and jobs complete
 * what is waited for and pass config on, and what is lost is taken in.  Each is
 * an event by "reconcile".  The caller ends it with reconcile_close().
 *
 * OUTCOME_UNAVAILABLE  the database is away; what was done stays done
 */
enum outcome reconcile_run(struct reconcile *r);
void reconcile_close(struct reconcile *r);

#endif
