/*
 * job_kind.h - the kinds of jobs.
 *
 * One table describes all kinds.  lib/jobs/ has the functions that carry out
 * jobs.
 */
#ifndef LIB_STORE_JOB_KIND_H
#define LIB_STORE_JOB_KIND_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/store/resource.h"

enum job_kind {
	JOB_PROVISION,
	JOB_CHANGE_PLAN,
	JOB_DEPROVISION,
	JOB_ROTATE,
	JOB_EXCHANGE,
	JOB_COMPLETE,
	JOB_WITHDRAW,
	JOB_PUSH_CONFIG,
	JOB_WRITE_LOG,
	JOB_VERIFY,
	JOB_CONFIRM,
	JOB_CHECK_CONFIG,
	JOB_SUSPEND,
	JOB_RESUME,
	JOB_RESTORE,
	JOB_MOVE,
	JOB_KINDS
};

/* What a job calls: the listener or the marketplace.  The jobs of a resource in
 * one lane run one at a time. */
enum job_lane { JOB_LANE_LISTENER, JOB_LANE_MARKETPLACE };

/* Whether a job is carried out that was queued in an earlier epoch of the
 * database: what has happened since then may be missing in it. */
enum job_epoch_rule {
	JOB_HELD,      /* an operator releases it: provisor restored */
	JOB_IF_WAITED, /* only if the marketplace waits for the resource */
	JOB_ALWAYS     /* it does no harm */
};

struct job_kind_info {
	const char *name; /* in the column jobs.kind */
	enum job_lane lane;
	/* The states of the resource in which the job makes sense: a sum of
	 * 1 << enum resource_state.  In any other state, the job is finished
	 * at once. */
	unsigned int states;
	enum job_epoch_rule in_later_epoch;
	/* Sentences for an operator. */
	const char *does;
	const char *cancelled; /* the consequence of cancelling it */
};

extern const struct job_kind_info job_kinds[JOB_KINDS];

/* Return false if name is not the name of a kind. */
MUST_CHECK bool job_kind_named(const char *name, enum job_kind *kind);

const char *job_kind_name(enum job_kind kind);

/* Return the name of the kind's lane, as in the column jobs.lane. */
const char *job_kind_lane(enum job_kind kind);

/* Return true if a job of this kind makes sense in this state. */
MUST_CHECK bool job_kind_wants(enum job_kind kind, enum resource_state state);

#endif
