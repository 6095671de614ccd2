/*
 * listener_job.h - carries out a claimed job with the add-on's listener.
 *
 * It runs in a worker, while the marketplace waits, or in provisor-jobs.  No
 * transaction is open and nothing is locked while the listener works; its claim
 * is what keeps others away.
 */
#ifndef LIB_JOBS_LISTENER_JOB_H
#define LIB_JOBS_LISTENER_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/dialect/dialect.h"
#include "lib/base/outcome.h"
#include "lib/store/resource.h"

struct addon;
struct arena;
struct db;
struct job;
struct sealing_keys;

struct job_run {
	struct db *db;
	const struct sealing_keys *keys;
	struct arena *arena;
	const struct addon *addon;
	const struct resource *resource;
	const struct job *job;
	struct resource_actor actor;
	const char *log_hosts; /* PROVISOR_LOG_INPUT_HOSTS */
	int64_t deadline;      /* when the listener is told to end */
	int64_t wait_until;    /* until when it is waited for */

	/* Milliseconds after which what failed is due again.  0: the longer,
	 * the more often it has failed. */
	int64_t delay;
	bool may_promise; /* the marketplace can be told to wait */

	/* Set, for the marketplace. */
	struct dialect_response answer; /* of OUTCOME_OK, without id */
	const char *complaint;          /* NULL, or a sentence */
	const char *why;                /* of a failure, for the log */
};

/* How long a claim must hold for what may last until deadline, in
 * milliseconds. */
int64_t listener_job_lease(int64_t deadline);

/*
 * Do what was asked for.
 *
 * OUTCOME_OK           done
 * OUTCOME_ACCEPTED     not yet, and the marketplace may be told that it will be
 * OUTCOME_INVALID      refused by the listener
 * OUTCOME_GONE         overtaken by a deprovision
 * OUTCOME_UNAVAILABLE  not yet: it is due again; or the claim was lost
 * OUTCOME_BROKEN       our fault
 */
enum outcome listener_job_forward(struct job_run *f);

/* Do nothing yet, but let the marketplace count on it: it does already, or is
 * about to be told.  OUTCOME_ACCEPTED, or as above. */
enum outcome listener_job_promise(struct job_run *f);

/*
 * Undo what was begun for a marketplace and never told of: nobody knows of it,
 * and who asks again may do so in another's name.  A rotation, which only an
 * operator has asked for, goes forward.  As above.
 */
enum outcome listener_job_back(struct job_run *f);

#endif
