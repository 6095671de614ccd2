/*
 * job_failing.h - finds jobs that fail again and again.
 *
 * A job fails if it was tried JOB_FAILING_ATTEMPTS times and is still retried.
 * A listener may report for long that a resource is not ready yet, so its jobs
 * count only if they have also been unfinished for JOB_FAILING_AGE.
 */
#ifndef LIB_STORE_JOB_FAILING_H
#define LIB_STORE_JOB_FAILING_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;

enum {
	JOB_FAILING_ATTEMPTS = 10,
	JOB_FAILING_AGE = 60 * 60, /* s */
	JOB_FAILING_MOST = 100000  /* the most jobs that are counted */
};

/* The failing jobs of one kind of an add-on. */
struct job_failing {
	const char *marketplace, *addon;
	const char *kind;
	bool calls_marketplace; /* otherwise the listener */
	int64_t count;
	int64_t attempts;  /* the most of one job */
	int64_t age;       /* s for which the first has been unfinished */
	const char *since; /* when the first was created, in UTC */
};

struct job_failing_list {
	int count;
	struct job_failing *jobs; /* in the order of add-ons and kinds */
};

/* The list belongs to the arena.  Return OUTCOME_OK or the failure of
 * db_run(). */
MUST_CHECK enum outcome job_failing_find(struct db *db, struct arena *arena,
					 struct job_failing_list *list);

#endif
