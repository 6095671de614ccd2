/*
 * job.h - work that is left to do for resources.
 *
 * Before a process carries out a job, it claims the job until the end of a
 * lease.  If the lease ends before the job, another process may claim the job,
 * and the lost claim has no effect any more.  The jobs of a resource in one
 * lane run one at a time, in the order of their numbers, except that the
 * exchange of a grant comes first.  Triggers keep this order (0002_jobs.sql).
 *
 * Results belong to the arena.  All functions return OUTCOME_OK or the failure
 * of db_run(), unless stated otherwise.
 */
#ifndef LIB_STORE_JOB_H
#define LIB_STORE_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

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
	/* ms until provisor-jobs may carry the job out; unless keeps, it then
	 * undoes a plan change. */
	int64_t run_in;
	bool keeps; /* as in struct job */
};

struct job {
	const char *id;
	enum job_kind kind;
	const char *resource; /* our id */
	const char *plan;     /* JOB_CHANGE_PLAN: the new plan */
	const char *line;     /* JOB_WRITE_LOG: the line to write */
	const char *from;     /* JOB_RESTORE, JOB_MOVE: our id of the resource
				 whose content it gets */
	int overlap; /* JOB_ROTATE: seconds that old credentials stay valid */
	const char *claim;
	int attempt; /* the number of this attempt, from 1 */
	int round;   /* how often the request to the listener has changed */
	/* JOB_VERIFY: the job whose claim was lost, and its attempts.  plan,
	 * overlap and round are those of that job. */
	const char *verified;
	enum job_kind verified_kind;
	int verified_attempts;
	/* JOB_CHANGE_PLAN: the marketplace got the response that the plan is
	 * being changed.  Otherwise, unless keeps, it got no success, and the
	 * change is undone at undo_at (clock_now()) unless it repeats its
	 * request. */
	bool is_promised;
	int64_t undo_at;
	bool is_of_epoch; /* it was queued in the database's present epoch */
	bool keeps;       /* released after a restore, or queued by reconcile:
			     continue work for which the marketplace got no response,
			     instead of undoing it, and keep what the marketplace
			     has */
};

/*
 * Claim the first unfinished listener job of a resource if it is of this kind,
 * not leased and not a promised plan change.  Otherwise *found is false.  If
 * plan is not NULL, the job changes to that plan instead.
 */
MUST_CHECK enum outcome
job_claim_for_resource(struct db *db, struct arena *arena, const char *resource,
		       enum job_kind kind, const char *plan,
		       const struct job_claim *claim, struct job *job,
		       bool *found);

/* Which due job a process of provisor-jobs claims. */
struct job_choice {
	const char *host; /* the name of the process's host */
	/* The pids of the processes of provisor-jobs that run on the host, with
	 * this one; NULL: unknown.  The lease of a process that has been killed
	 * still lasts, but takes nothing from its add-on's share. */
	const pid_t *processes;
	int process_count;
	/* How many processes of the host may carry out jobs of one add-on at a
	 * time; 0: all.  Otherwise an add-on whose listener hangs could delay
	 * the jobs of all others. */
	int most_of_addon;
	/* Claim the job that has been due longest.  Otherwise jobs that
	 * customers wait for come first, and jobs that have failed often come
	 * last. */
	bool is_by_age;
};

/* Claim a job that is due.  *found is false if there is none. */
MUST_CHECK enum outcome job_claim_next(struct db *db, struct arena *arena,
				       const struct job_claim *claim,
				       const struct job_choice *choice,
				       struct job *job, bool *found);

/*
 * Claim the right to call the marketplace for a resource.  *found is false if
 * another process calls it at present, or if its grant has ended.  The claim is
 * a job that does no harm if provisor-jobs has to finish it: the exchange of a
 * grant.  Call job_may_run() next, and job_finish() in the end.
 */
MUST_CHECK enum outcome job_claim_marketplace(struct db *db,
					      struct arena *arena,
					      const char *resource,
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
 * Check that the job may be carried out: that no other process calls the
 * marketplace for its resource, and that its add-on does not have too many
 * processes of the host.  Processes that claim at the same moment do not see
 * each other's claims, so check after each claim.  If *may_run is false, call
 * job_release().
 */
MUST_CHECK enum outcome job_may_run(struct db *db, struct arena *arena,
				    const struct job *job,
				    const struct job_choice *choice,
				    bool *may_run);

/* Release a claimed job that was not carried out.  It is due again in delay
 * ms. */
MUST_CHECK enum outcome job_release(struct db *db, struct arena *arena,
				    const struct job *job, int64_t delay);

/*
 * Correct the times of jobs that lie ahead because the clock of the database
 * was set back: a job that is due must not wait, nor a lease last, until the
 * clock has caught up.  The promises of their resources are corrected, too.
 * *count is the number of jobs, and *seconds by how much the clock was set
 * back, as far as they show it.
 */
MUST_CHECK enum outcome job_correct_times(struct db *db, struct arena *arena,
					  int64_t *count, int64_t *seconds);

/* Record that the job is about to be undone.  If it is carried out later, that
 * begins another round. */
MUST_CHECK enum outcome job_mark_undone(struct db *db, struct arena *arena,
					const struct job *job);

/* Return the delay after attempt failures, in ms: it grows with each failure,
 * and half of it is random. */
int64_t job_back_off(int attempt);

/* The delay of a job that waits until an operator retries it. */
#define JOB_NEVER INT64_MAX

/* Finish a claimed job without a result; note, which may be NULL, is stored. */
MUST_CHECK enum outcome job_finish(struct db *db, struct arena *arena,
				   const struct job *job, const char *note);

/* Make due those marketplace jobs of a resource that may have waited for a
 * token. */
MUST_CHECK enum outcome job_wake_marketplace_jobs(struct db *db,
						  struct arena *arena,
						  const char *resource);

/* Queue a check, some minutes from now, of the config vars that the marketplace
 * has for a resource: it may apply an earlier push after a later one. */
MUST_CHECK enum outcome job_check_config(struct db *db, struct arena *arena,
					 const char *resource);

#endif
