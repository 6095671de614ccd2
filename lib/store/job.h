/*
 * job.h - what is still to be done for resources, as the database keeps it.
 *
 * Whoever carries out a job has claimed it first, for as long as its lease
 * lasts; a claim that was lost, to somebody who came after the lease, changes
 * nothing any more.  The jobs of one resource are claimed in their order, one
 * at a time; but those that call the marketplace, as opposed to the listener,
 * have an order of their own, in which the exchange of a grant is the first.
 *
 * All functions return OUTCOME_OK or what db_run() says went wrong.
 */
#ifndef LIB_STORE_JOB_H
#define LIB_STORE_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/outcome.h"
#include "lib/store/job_kind.h"
#include "lib/text/uuid.h"

struct arena;
struct db;

/* A claim to be.  Milliseconds from now. */
struct job_claim {
	char id[UUID_LENGTH + 1];
	int64_t lease;  /* nobody else claims it before */
	int64_t run_in; /* and provisor-jobs not before this */
};

struct job {
	const char *id;
	enum job_kind kind;
	const char *resource; /* our id */
	const char *plan;     /* of JOB_CHANGE_PLAN: the one to have */
	const char *line;     /* of JOB_WRITE_LOG */
	int overlap;          /* of JOB_ROTATE: s that the old ones stay good */
	const char *claim;
	int attempt; /* the claimed one, from 1 */
	int round;   /* how often the listener was asked for something else in
			between */
};

/* How long one that has failed so often is to wait, in milliseconds: ever
 * longer, and half of it chance. */
int64_t job_back_off(int attempt);

/*
 * Claim what is unfinished for a resource, if it is of this kind and nobody has
 * it.  A plan change is then to plan, if that is not NULL.  *found tells
 * whether it was so.
 */
enum outcome job_claim_for_resource(struct db *db, struct arena *arena,
				    const char *resource, enum job_kind kind,
				    const char *plan,
				    const struct job_claim *claim,
				    struct job *job, bool *found);

/* Claim the job that is due the longest, or before that a grant that is to be
 * exchanged.  *found is false when none is. */
enum outcome job_claim_next(struct db *db, struct arena *arena,
			    const struct job_claim *claim, struct job *job,
			    bool *found);

/* What was begun with a claimed job is about to be taken back: whoever goes
 * forward with it again begins another turn. */
enum outcome job_mark_undone(struct db *db, struct arena *arena,
			     const struct job *job);

/*
 * Of two who claim jobs of one resource at the same moment neither may see the
 * other.  So whoever is about to call the marketplace looks once more, and lets
 * go where *alone is false.
 */
enum outcome job_is_alone(struct db *db, struct arena *arena,
			  const struct job *job, bool *alone);

/*
 * Begin a plan change of a resource that is as it was read, with that version,
 * and has no unfinished job; *done tells whether it was so.
 */
enum outcome job_begin_plan_change(struct db *db, struct arena *arena,
				   const char *resource, const char *version,
				   const char *plan,
				   const struct job_claim *claim,
				   struct job *job, bool *done);

/*
 * Let go of a claimed job: it is due again in delay ms, or when an operator
 * says so (JOB_NEVER); but in a second when its resource is gone, and where
 * that was promised, before its time is over.  why, a line without secrets, is
 * kept. keeps_lease: what was begun may not have ended yet, so nobody may claim
 * it before the lease is over.
 */
#define JOB_NEVER INT64_MAX
enum outcome job_put_off(struct db *db, struct arena *arena,
			 const struct job *job, int64_t delay, bool keeps_lease,
			 const char *why);

/* Have what calls the marketplace for a resource be done now, where it has
 * waited for a token. */
enum outcome job_wake_marketplace_jobs(struct db *db, struct arena *arena,
				       const char *resource);

/* Have a line written into the log of the customer's app. */
enum outcome job_write_log(struct db *db, struct arena *arena,
			   const char *resource, const char *line);

/* Finish a claimed job of which nothing else is to be stored; note is kept, or
 * NULL. */
enum outcome job_finish(struct db *db, struct arena *arena,
			const struct job *job, const char *note);

#endif
