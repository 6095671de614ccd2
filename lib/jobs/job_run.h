/*
 * job_run.h - carries out one claimed job.
 *
 * A worker carries out a job while the marketplace waits for the response;
 * otherwise provisor-jobs does.  No transaction is open and no row is locked
 * during calls: the claim keeps other processes away until its lease ends.
 *
 * Functions that return enum outcome have stored this state of the job:
 *
 * OUTCOME_OK           done
 * OUTCOME_ACCEPTED     not done yet; the marketplace may be promised the
 *                      result, and a job continues the work
 * OUTCOME_INVALID      refused by the listener, or a grant that cannot be
 *                      exchanged any more
 * OUTCOME_GONE         no longer wanted: a deprovision came first
 * OUTCOME_UNAVAILABLE  the job is due again, waits for an operator, or its
 *                      claim was lost
 * OUTCOME_BROKEN       a fault of provisor
 */
#ifndef LIB_JOBS_JOB_RUN_H
#define LIB_JOBS_JOB_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/dialect/dialect.h"
#include "lib/platform/authorized.h"
#include "lib/store/job_result.h"

struct addon;
struct job;
struct platform;
struct resource;
struct sealing_keys;

struct job_run {
	struct claimed_job claim;
	const struct sealing_keys *keys;
	const struct addon *addon;
	const struct resource *resource;
	int64_t deadline;   /* when calls end (clock_now()) */
	int64_t wait_until; /* when waiting for a listener ends (clock_now()) */

	/* ms until a failed call of the listener is due again; 0: a delay
	 * that grows with each failure. */
	int64_t retry_delay;
	bool is_awaited;  /* the result is the response to a request */
	bool may_promise; /* the response may be OUTCOME_ACCEPTED */
	bool has_asked;   /* a process of the listener has run */
	bool has_pushed;  /* config vars were sent to the marketplace */
	/* The marketplace has the config vars that the resource had before the
	 * job, so a push replaces nothing newer. */
	bool has_old_config;

	/* For jobs that call the marketplace, and for listeners that get a
	 * token; NULL in a worker without such a listener. */
	struct platform *platform;
	const char *log_hosts; /* PROVISOR_LOG_INPUT_HOSTS */
	struct authorized authorized;

	/* Results, for the response to the marketplace and for the log. */
	/* Of OUTCOME_OK.  Only provisions have an id; OUTCOME_ACCEPTED sets
	 * only id and message. */
	struct dialect_response response;
	const char *failure; /* a sentence for the customer */
	const char *reason;  /* why the job is not done */
};

/* Return whether the marketplace can be called about a resource.  If it gives
 * tokens, the add-on needs a client secret, and the resource a grant. */
MUST_CHECK bool job_run_can_call(const struct addon *addon,
				 const struct resource *resource);

/* Return whether the marketplace can also be told later that a promised
 * resource is provisioned. */
MUST_CHECK bool job_run_can_promise(const struct addon *addon,
				    const struct resource *resource);

/* Return line, or NULL if no job can write into the log of the customer's
 * app. */
const char *job_run_log_line(const struct addon *addon,
			     const struct resource *resource, const char *line);

/* Return the ms for which a claim must last if the calls end at deadline. */
int64_t job_run_lease(int64_t deadline);

/* Carry out the job. */
MUST_CHECK enum outcome job_run_carry_out(struct job_run *run);

/* Undo a provision or a plan change to which the marketplace got no response: a
 * customer who tries again sends another request. */
MUST_CHECK enum outcome job_run_undo(struct job_run *run);

/* Return whether a claimed plan change is to be undone: the marketplace got no
 * success and has not repeated its request in time. */
MUST_CHECK bool job_run_undoes_plan(const struct job *job);

/* Promise a provision to the marketplace, and continue it later. */
MUST_CHECK enum outcome job_run_promise(struct job_run *run);

/* What the marketplace says about a resource. */
enum job_run_view {
	JOB_RUN_NO_API,       /* it cannot be queried about the resource */
	JOB_RUN_NO_ANSWER,    /* it cannot be queried now */
	JOB_RUN_NO_TOKEN,     /* it refuses the resource's token for good */
	JOB_RUN_WAITS,        /* it waits for the resource */
	JOB_RUN_HAS_IT,       /* it counts the resource as provisioned */
	JOB_RUN_DOES_NOT_WANT /* it has given up or removed the resource */
};

/* Query the marketplace about the resource of the job. */
MUST_CHECK enum job_run_view job_run_view(struct job_run *run);

/* Release the job, which is due again in delay ms; JOB_NEVER: when the listener
 * or an operator wakes it.  The other arguments are those of
 * job_result_put_off(). */
MUST_CHECK enum outcome job_run_put_off(struct job_run *run, int64_t delay,
					bool keeps_lease, const char *reason);

#endif
