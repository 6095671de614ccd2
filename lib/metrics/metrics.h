/*
 * metrics.h - counts requests and jobs for all processes of this host.
 *
 * All processes map one file, and each counts in its own slot of it, so
 * counting takes no lock and every process can compute the sums.  A process
 * that takes the slot of one that has ended continues its counts, so sums never
 * decrease.  Without a file, a process counts only for itself, and add-ons are
 * not counted.
 *
 * The slots also show which processes are running.
 */
#ifndef LIB_METRICS_METRICS_H
#define LIB_METRICS_METRICS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;

enum metrics_operation {
	METRICS_PROVISION,
	METRICS_CHANGE_PLAN,
	METRICS_DEPROVISION,
	METRICS_OTHER,
	METRICS_SIGN_ON,
	METRICS_SESSION, /* a GET /session of a web server */
	METRICS_PAGE,
	METRICS_EXCHANGE, /* the exchange of a grant, in a job */
	METRICS_SUSPEND,
	METRICS_RESUME,
	METRICS_NOTIFICATION,
	METRICS_OPERATIONS
};

/* The file stores these numbers: never change them. */
enum metrics_role {
	METRICS_PROCESS = 0, /* counts; not a role for metrics_pids() */
	METRICS_WORKER = 1,  /* a worker of a pool without a name */
	METRICS_JOBS = 2,    /* a process of provisor-jobs */
	METRICS_READER = 3,  /* only reads; creates and changes no file */
	METRICS_API = 4,     /* a worker of the pool for marketplaces */
	METRICS_WEB = 5      /* a worker of the pool for browsers */
};

enum { METRICS_SLOTS = 256 }; /* processes that can count in a file */

/*
 * Map the file; create it with mode 0660 if it does not exist.  Return false,
 * with the reason in errno, if it cannot be used or is another kind of file.
 * EUSERS: all slots are taken.
 */
MUST_CHECK bool metrics_open(const char *path, enum metrics_role role);

/* Do the same, but log a failure and count without the file. */
void metrics_join(const char *path, enum metrics_role role);

/* Count a request.  Times are in milliseconds; those spent waiting for the
 * database and for listeners are parts of the total. */
void metrics_request(enum metrics_operation operation, enum outcome outcome,
		     int64_t total, int64_t in_database, int64_t in_listener);

/* Note that this process begins or ends a request. */
void metrics_set_busy(bool is_busy);

/* Count an attempt at a job.  An unknown kind counts as "other". */
void metrics_job(const char *kind, enum outcome outcome, int64_t total,
		 int64_t in_database, int64_t in_listener);

/* ---- add-ons ---- */

/* List the counts of an add-on, even while they are 0.  runs_code: its listener
 * has hooks or a library. */
void metrics_addon_known(const char *marketplace, const char *addon,
			 bool runs_code);

/* Count a request about an add-on, by the HTTP status of the response, which
 * took total ms. */
void metrics_addon_request(const char *marketplace, const char *addon,
			   enum metrics_operation operation, int status,
			   int64_t total);

/* Count a call of the vendor's code.  action and result are names in names.c.
 *  The call has failed if has_failed. */
void metrics_call(const char *marketplace, const char *addon,
		  const char *action, const char *result, bool has_failed);

/* Return how often the action has failed since its last call that did not fail,
 * and set *since, in s since 1970, to the first failure.  Set *is_every if
 * every counted call has failed. */
uint64_t metrics_call_failures(const char *marketplace, const char *addon,
			       const char *action, int64_t *since,
			       bool *is_every);

/* Count a call of the marketplace about an add-on, which took total ms.
 * verdict is a name in names.c. */
void metrics_platform_call(const char *marketplace, const char *addon,
			   const char *verdict, int64_t total);

/* Count the use of an old password or salt of an add-on that is being
 * rotated. */
void metrics_old_secret(const char *marketplace, const char *addon);

/* Read the number of such uses, and the time of the last in seconds since 1970.
 * Return false if the file has none. */
MUST_CHECK bool metrics_old_secret_used(const char *marketplace,
					const char *addon, uint64_t *count,
					int64_t *last);

/* Count a request with the name of an add-on and a wrong password. */
void metrics_wrong_password(const char *marketplace, const char *addon);

/* Return how many there were on the day (UTC) of the last one, and set *last to
 * its time in s since 1970.  Return 0 if there was none. */
uint64_t metrics_wrong_passwords(const char *marketplace, const char *addon,
				 int64_t *last);

/* ---- writes of the database ---- */

/* Why the database accepts no writes.  The file stores these numbers. */
enum metrics_write {
	METRICS_WRITES_WORK,
	METRICS_NO_SPACE,
	METRICS_READ_ONLY,
	METRICS_IO_ERROR,
	METRICS_WRITE_TROUBLES
};

/* Record, for all processes of this host, that the database has refused to
 * write, or that it writes again. */
void metrics_write_failed(enum metrics_write trouble);
void metrics_write_worked(void);

/* Return what was recorded last; without a file, by this process. */
enum metrics_write metrics_write_trouble(void);

/* ---- processes ---- */

/*
 * List the pids of the running processes with this role, up to most; with
 * METRICS_WORKER, those of the workers of all pools.  Return their number.
 * Each pid is greater than 0, whatever the file contains.
 */
int metrics_pids(enum metrics_role role, pid_t pids[], int most);

/* Return whether a process with this role has run since the file was created.
 * Another process may have taken its slot since. */
MUST_CHECK bool metrics_has_run(enum metrics_role role);

/* Return the pool of this process: "api" or "web", or "other" for all other
 * roles. */
const char *metrics_pool(void);

/* Return all sums in the text format of Prometheus (version 0.0.4). */
const char *metrics_text(struct arena *arena);

#endif
