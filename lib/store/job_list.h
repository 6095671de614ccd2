/*
 * job_list.h - what an operator asks about jobs, and does to them.
 *
 * A job is, in the member "state" of its entry,
 *
 * running   leased: somebody is at it, or what was begun may not have ended
 * gave-up   only an operator can help
 * behind    an earlier one of its resource comes first
 * waiting   for its time, or for the marketplace's repeat
 * due       for the next process of provisor-jobs
 * done
 *
 * and "at" is the moment until, since or at which it is that.  Of its payload
 * there is the plan and nothing else, and its claim is nobody's but the
 * claimer's.
 *
 * All functions return OUTCOME_OK or what db_run() says went wrong.
 */
#ifndef LIB_STORE_JOB_LIST_H
#define LIB_STORE_JOB_LIST_H

#include "lib/db/json_rows.h"

/* Which jobs.  NULL and false do not restrict. */
struct job_query {
	const char *id; /* digits */
	const char *kind;
	const char *resource; /* an id of it, as in inventory.h */
	bool has_given_up;
	bool with_done; /* they are left out otherwise */
	int limit;      /* from 1 to JSON_ROWS_MOST */
};

/* The jobs of a query, newest first. */
enum outcome job_list(struct db *db, struct arena *arena,
		      const struct job_query *query, struct json_rows *found);

/* All that is told of one.  *job is NULL when there is no such. */
enum outcome job_list_show(struct db *db, struct arena *arena, const char *id,
			   const struct json **job);

struct job_counts {
	int unfinished;
	int given_up;
	int overdue;       /* due for more than a minute, and nobody took it */
	const char *since; /* when the first of those was due; NULL: none */
	int missed;  /* grants of the last 7 days that were not exchanged */
	int refused; /* calls of a marketplace that failed ten times or more,
			and are tried on */
};

enum outcome job_list_count(struct db *db, struct arena *arena,
			    struct job_counts *counts);

/*
 * Let an unfinished job be due now, or finish it undone; with an event of
 * actor.  *done is false where somebody is at it, or it is finished.
 *
 * Nobody is left to settle what is cancelled.  So what was to be provisioned
 * is abandoned, or if it was promised refused, which a job tells the
 * marketplace; what is there and was to be completed is refused too, and
 * cleaned up by another job; and what was to be cleaned up counts as that.
 * *state is the state that the resource then has.
 */
enum outcome job_operator_retry(struct db *db, struct arena *arena,
				const char *id, const char *actor, bool *done);
enum outcome job_operator_cancel(struct db *db, struct arena *arena,
				 const char *id, const char *actor, bool *done,
				 const char **state);

#endif
