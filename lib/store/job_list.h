/*
 * job_list.h - lists jobs for operators.
 *
 * The JSON object of a job has its state in the member "state", and in "at" the
 * moment until, since or at which it is in that state:
 *
 * running   it is leased, at most until then
 * gave-up   it needs an operator; "at" is null
 * blocked   the job in the member "blocked_by" comes first
 * waiting   it is due then
 * due       it has been due since then
 * done      it ended then
 *
 * Of the payload it has the plan only, because the rest may be secret.
 *
 * All functions return OUTCOME_OK or the failure of db_run(), and
 * OUTCOME_BROKEN after logging that a row cannot be read.
 */
#ifndef LIB_STORE_JOB_LIST_H
#define LIB_STORE_JOB_LIST_H

#include "lib/base/base.h"
#include "lib/db/json_rows.h"

/* Which jobs.  NULL and false do not restrict. */
struct job_query {
	const char *id; /* digits */
	const char *kind;
	const char *resource; /* any of its ids */
	bool has_given_up;
	bool with_done; /* finished jobs too */
	int limit;      /* from 1 to JSON_ROWS_MOST */
};

/* List the jobs of a query, newest first. */
MUST_CHECK enum outcome job_list(struct db *db, struct arena *arena,
				 const struct job_query *query,
				 struct json_rows *found);

/* *job is NULL if no job has the id. */
MUST_CHECK enum outcome job_list_show(struct db *db, struct arena *arena,
				      const char *id, const struct json **job);

struct job_counts {
	int unfinished;
	int given_up;
	int overdue;       /* due for more than a minute */
	const char *since; /* when the first of those was due; NULL: none */
	int missed;  /* grants of the last 7 days, not exchanged in time */
	int refused; /* marketplace jobs tried ten times or more, and on */
};

MUST_CHECK enum outcome job_list_count(struct db *db, struct arena *arena,
				       struct job_counts *counts);

#endif
