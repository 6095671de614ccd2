/*
 * unanswered.h - requests that may have taken effect although the marketplace
 * got no success.
 *
 * Both functions return OUTCOME_OK or the failure of db_run().
 */
#ifndef LIB_STORE_UNANSWERED_H
#define LIB_STORE_UNANSWERED_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;

struct unanswered_request {
	const char *resource; /* our id */
	const char *request_id;
	const char *event; /* that it writes */
	const char *plan;  /* of a plan change; NULL: a create */
};

struct unanswered_effect {
	bool is_there; /* the request has taken effect, and a job has it
			  confirmed */
	/* Otherwise it may still be in progress: transactions have increasing
	 * numbers.  All before oldest have ended, and next has not begun. */
	int64_t oldest, next;
};

/* Look for the effect of a request.  If it is there, queue a job, due in delay
 * ms. */
MUST_CHECK enum outcome
unanswered_find(struct db *db, struct arena *arena,
		const struct unanswered_request *request, int64_t delay,
		struct unanswered_effect *effect);

/* Count the resources that could not be confirmed lately. */
MUST_CHECK enum outcome unanswered_count(struct db *db, struct arena *arena,
					 int64_t *count);

#endif
