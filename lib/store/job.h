/*
 * job.h - work that is left to do for resources.
 *
 * Before a process carries out a job, it claims the job until the end of a
 * lease.  If the lease ends before the job, another process may claim the job,
 * and the lost claim has no effect any more.  The jobs of a resource in one
 * lane run one at a time, in the order of their numbers, except that the
 * exchange of a grant comes first.
 *
 * Results belong to the arena.  All functions return OUTCOME_OK or the failure
 * of db_run(), unless stated otherwise.
 */
#ifndef LIB_STORE_JOB_H
#define LIB_STORE_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/store/job_kind.h"
#include "lib/text/uuid.h"

struct arena;
struct db;

/* A claim to make. */
struct job_claim {
	char id[UUID_LENGTH + 1]; /* random */
	int64_t lease;            /* ms */
	int64_t run_in; /* ms until provisor-jobs may carry the job out */
};

struct job {
	const char *id;
	enum job_kind kind;
	const char *resource; /* our id */
	const char *plan;     /* JOB_CHANGE_PLAN: the new plan */
	const char *line;     /* JOB_WRITE_LOG: the line to write */
	int overlap; /* JOB_ROTATE: seconds that old credentials stay valid */
	const char *claim;
	int attempt; /* the number of this attempt, from 1 */
	int round;   /* how often the request to the listener has changed */
};

/*
 * Claim the first unfinished listener job of a resource if it is of this kind
 * and not leased.  Otherwise *found is false.  If plan is not NULL, the job
 * changes to that plan instead.
 */
MUST_CHECK enum outcome
job_claim_for_resource(struct db *db, struct arena *arena, const char *resource,
		       enum job_kind kind, const char *plan,
		       const struct job_claim *claim, struct job *job,
		       bool *found);

/* Claim the exchange of a grant if one is due, otherwise the job that has been
 * due longest.  *found is false if no job is due. */
MUST_CHECK enum outcome job_claim_next(struct db *db, struct arena *arena,
				       const struct job_claim *claim,
				       struct job *job, bool *found);

/*
 * Queue and claim a plan change of a resource that still has this version, is
 * provisioned and has no listener job.  Otherwise *done is false.
 */
MUST_CHECK enum outcome
job_begin_plan_change(struct db *db, struct arena *arena, const char *resource,
		      const char *version, const char *plan,
		      const struct job_claim *claim, struct job *job,
		      bool *done);

/*
 * Check that no other process calls the marketplace for the job's resource.
 * Two processes that claim at the same moment do not see each other's claims,
 * so check before each call, and release the job if *alone is false.
 */
MUST_CHECK enum outcome job_is_alone(struct db *db, struct arena *arena,
				     const struct job *job, bool *alone);

/* Record that the job is about to be undone.  If it is carried out later, that
 * begins another round. */
MUST_CHECK enum outcome job_mark_undone(struct db *db, struct arena *arena,
					const struct job *job);

/* Return the delay after attempt failures, in ms: it grows with each failure,
 * and half of it is random. */
int64_t job_back_off(int attempt);

/* The delay of a job that waits until an operator retries it. */
#define JOB_NEVER INT64_MAX

/*
 * Release a claimed job, which is due again in delay ms.  If its resource is
 * gone, the delay is a second at most; if its resource was promised, the job is
 * due before the promise expires.  why, one line without secrets, is stored.
 * If keeps_lease is true, the lease stays, because a process that the job
 * started may still run.
 */
MUST_CHECK enum outcome job_put_off(struct db *db, struct arena *arena,
				    const struct job *job, int64_t delay,
				    bool keeps_lease, const char *why);

/* Finish a claimed job without a result; note, which may be NULL, is stored. */
MUST_CHECK enum outcome job_finish(struct db *db, struct arena *arena,
				   const struct job *job, const char *note);

/* Make due those marketplace jobs of a resource that may have waited for a
 * token. */
MUST_CHECK enum outcome job_wake_marketplace_jobs(struct db *db,
						  struct arena *arena,
						  const char *resource);

/* Queue a line for the log of the customer's app. */
MUST_CHECK enum outcome job_write_log(struct db *db, struct arena *arena,
				      const char *resource, const char *line);

#endif
