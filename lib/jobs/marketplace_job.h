/*
 * marketplace_job.h - carries out a claimed job with the marketplace.
 *
 * It exchanges grants, tells that what was promised is there or will not be,
 * and passes config vars on.  Every step may be repeated: the marketplace then
 * says that it knows, and that is as good.
 */
#ifndef LIB_JOBS_MARKETPLACE_JOB_H
#define LIB_JOBS_MARKETPLACE_JOB_H

#include "lib/jobs/listener_job.h"
#include "lib/platform/platform.h"

/*
 * Do what f->job is about; f's listener times do not matter but deadline.
 *
 * OUTCOME_OK           done
 * OUTCOME_INVALID      the grant can no longer be exchanged
 * OUTCOME_GONE         no longer wanted, here or at the marketplace
 * OUTCOME_UNAVAILABLE  not yet: it is due again, or waits for an operator
 * OUTCOME_BROKEN       our fault
 */
enum outcome marketplace_job_run(struct job_run *f, struct platform *platform);

/* Does the marketplace count on a resource that it was never promised?  False
 * where it does not, or cannot be asked; *is_known tells the one from the
 * other that is worth asking again. */
bool marketplace_job_is_expected(struct job_run *f, struct platform *platform,
				 bool *is_known);

#endif
