/*
 * handlers.h - the functions that carry out each kind of job.
 *
 * job_run.c has a table of these functions.  To add a kind, add it to
 * lib/store/job_kind.c, declare its function here and name it in that table.
 * All of them return an outcome as described in job_run.h.
 */
#ifndef LIB_JOBS_HANDLERS_H
#define LIB_JOBS_HANDLERS_H

#include "lib/jobs/job_run.h"

/* listener_job.c: jobs that call the listener. */
MUST_CHECK enum outcome listener_job_provision(struct job_run *run);
MUST_CHECK enum outcome listener_job_change_plan(struct job_run *run);
MUST_CHECK enum outcome listener_job_restore_plan(struct job_run *run);
MUST_CHECK enum outcome listener_job_rotate(struct job_run *run);
MUST_CHECK enum outcome listener_job_remove(struct job_run *run);

/* marketplace_job.c: jobs that call the marketplace. */
MUST_CHECK enum outcome marketplace_job_exchange(struct job_run *run);
MUST_CHECK enum outcome marketplace_job_complete(struct job_run *run);
MUST_CHECK enum outcome marketplace_job_withdraw(struct job_run *run);
MUST_CHECK enum outcome marketplace_job_push_config(struct job_run *run);
MUST_CHECK enum outcome marketplace_job_write_log(struct job_run *run);

/* ---- for all of them ---- */

/* Finish the job and store only note, which may be NULL. */
MUST_CHECK enum outcome job_run_finish(struct job_run *run, const char *note);

/* Return outcome if a result was stored and the claim was still held.
 * Otherwise return the outcome that describes the failure. */
MUST_CHECK enum outcome job_run_conclude(struct job_run *run,
					 enum outcome stored,
					 enum outcome outcome);

#endif
