/*
 * reconcile_parts.h - runs a reconcile in several processes.
 *
 * A marketplace needs some time for each call, and allows each token a number
 * of them, so several resources are compared at a time.
 */
#ifndef CGI_CLI_RECONCILE_PARTS_H
#define CGI_CLI_RECONCILE_PARTS_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/reconcile/reconcile.h"

struct arena;
struct json;

/* The results of all parts. */
struct reconcile_total {
	struct reconcile_counts counts;
	enum outcome outcome;
	bool is_stopped;  /* no removals were left */
	bool ended_early; /* for any reason */
	/* If it ended early: our id of the last resource before which all were
	 * compared; "": none. */
	char last[UUID_LENGTH + 1];
	char no_list[256]; /* why lost resources cannot be found; "": they can
			    */
};

/*
 * Carry out run in run->parts processes, one of which removes what another
 * leaves of most_removals.
 * add is called for each finding, whose members are id, marketplace, addon,
 * difference, here, there and repair.  SIGINT and SIGTERM end the run after the
 * present resources.
 */
void reconcile_parts_run(struct arena *arena, const struct reconcile *run,
			 int most_removals,
			 void (*add)(void *context, const struct json *finding),
			 void *context, struct reconcile_total *total);

#endif
