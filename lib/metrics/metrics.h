/*
 * metrics.h - what the processes of this host have counted, summed up.
 *
 * Each process counts in a slot of its own of a file that all of them map, so
 * counting takes no lock and any process can tell the sum.  A process that
 * takes over the slot of one that ended counts on, so sums only go up.  Where
 * there is no file a process counts for itself.
 *
 * The file also knows who they are.
 */
#ifndef LIB_METRICS_METRICS_H
#define LIB_METRICS_METRICS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/outcome.h"

struct arena;

enum metrics_operation {
	METRICS_PROVISION,
	METRICS_CHANGE_PLAN,
	METRICS_DEPROVISION,
	METRICS_OTHER,
	METRICS_SIGN_ON,
	METRICS_SESSION, /* asked for by a web server */
	METRICS_PAGE,
	METRICS_EXCHANGE, /* of a grant, by a job */
	METRICS_OPERATIONS
};

/* They stand in the file. */
enum metrics_role {
	METRICS_PROCESS = 0, /* counts, and is not to be looked for */
	METRICS_WORKER = 1,  /* of the pools */
	METRICS_JOBS = 2,    /* of provisor-jobs */
	METRICS_READER = 3   /* only tells; makes no file and changes none */
};

/* So many processes can count in a file at a time. */
enum { METRICS_SLOTS = 256 };

/*
 * Map the file, which is made with mode 0660 where there is none.  False when
 * it cannot be used, or is not such a file; errno tells why: EUSERS, that as
 * many count there as can.
 */
bool metrics_open(const char *path, enum metrics_role role);

/* The same for a process that goes on without the file, too: why it does is
 * logged. */
void metrics_join(const char *path, enum metrics_role role);

/* A request has been answered.  Times are in milliseconds; those in the
 * database and in listeners are parts of the total. */
void metrics_request(enum metrics_operation operation, enum outcome outcome,
		     int64_t total, int64_t in_database, int64_t in_listener);

/* A job of this kind was attempted; one that is not known here is counted as
 * "other". */
void metrics_job(const char *kind, enum outcome outcome, int64_t total,
		 int64_t in_database, int64_t in_listener);

/*
 * A caller still uses a password or salt of an add-on that is being rotated
 * out; or (for operators) how often and when last, in seconds since 1970.
 * False: never, as far as the file knows.
 */
void metrics_old_secret(const char *marketplace, const char *addon);
bool metrics_old_secret_used(const char *marketplace, const char *addon,
			     uint64_t *count, int64_t *last);

/* The pids of those in this role that live, up to most; their number.  They are
 * processes, whatever was written into the file: each is above 0. */
int metrics_pids(enum metrics_role role, pid_t pids[], int most);

/* All sums, in Prometheus' text format (version 0.0.4). */
const char *metrics_text(struct arena *arena);

#endif
