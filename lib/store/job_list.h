/*
 * job_list.h - lists jobs for operators.
 *
 * The JSON object of a job has the members "state" and "at".  The state decides
 * what "at" is:
 *
 * running   a process has claimed the job; "at" is when its lease ends
 * gave-up   the job waits for an operator; "at" is null
 * held      the job is of an earlier epoch of the database (epoch.h); "at" is
 *           null
 * blocked   the job in the member "blocked_by" comes first; "at" is when the
 *           job would be due
 * waiting   the job will be due at "at"
 * due       the job has been due since "at"
 * done      the job ended at "at"
 *
 * The object has only the plan of the payload, because the rest may be secret.
 *
 * All functions return OUTCOME_OK or the failure of db_run(), and
 * OUTCOME_BROKEN after logging that a row cannot be read.
 */
#ifndef LIB_STORE_JOB_LIST_H
#define LIB_STORE_JOB_LIST_H

#include <stdint.h>

#include "lib/base/base.h"
#include "lib/db/json_rows.h"

/* Selects jobs.  A member that is NULL is ignored. */
struct job_query {
	const char *id; /* digits */
	const char *kind;
	const char *resource; /* our id */
	const char *marketplace, *addon;
	bool has_given_up;
	bool with_done;    /* finished jobs too */
	int limit;         /* from 1 to JSON_ROWS_MOST */
	const char *after; /* the last job of the previous page */
};

/* List a page of the jobs of a query, newest first. */
MUST_CHECK enum outcome job_list(struct db *db, struct arena *arena,
				 const struct job_query *query,
				 struct json_rows *found);

/* Read the job with this id.  *job is NULL if it does not exist. */
MUST_CHECK enum outcome job_list_show(struct db *db, struct arena *arena,
				      const char *id, const struct json **job);

struct job_counts {
	int unfinished;
	int given_up;
	int overdue;       /* due for more than a minute */
	const char *since; /* when the first of those was due; NULL: none */
};

MUST_CHECK enum outcome job_list_count(struct db *db, struct arena *arena,
				       struct job_counts *counts);

enum { JOB_LIST_DEAD_ROWS = 100000 };

/* Set *count to the number of dead rows, which each search for a job reads, of
 * the table of jobs.  It is 0 if they are not many: fewer than
 * JOB_LIST_DEAD_ROWS, or than half of the live rows. */
MUST_CHECK enum outcome
job_list_count_dead_rows(struct db *db, struct arena *arena, int64_t *count);

#endif
