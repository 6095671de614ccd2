/*
 * counters.h - the layout of the file in which processes count.
 *
 * During an upgrade, workers of two releases count in one file.  Therefore the
 * layout never changes: new operations, outcomes and edges are added at the end
 * and use the reserved space.
 *
 * Its size does not depend on the number of add-ons: those that come after the
 * first METRICS_ADDONS share an entry.
 */
#ifndef LIB_METRICS_COUNTERS_H
#define LIB_METRICS_COUNTERS_H

#include <stdatomic.h>
#include <stddef.h>

#include "lib/metrics/metrics.h"

enum {
	METRICS_EDGES = 13,
	METRICS_ROOM = 16,
	METRICS_ADDON_EDGES = 7,
	METRICS_ADDON_ROOM = 8,
	METRICS_KINDS = 17, /* kinds of jobs, and "other" */
	METRICS_KINDS_ROOM = 24,
	METRICS_RESERVED = 12,
	METRICS_ADDONS = 256, /* all further add-ons are counted together */
	METRICS_LONGEST_NAME = 96,
	METRICS_STATUSES = 4, /* 2xx to 5xx */
	METRICS_ACTIONS = 9,
	METRICS_RESULTS = 5,
	METRICS_CALLS_ROOM = 12,
	METRICS_VERDICTS = 6,
	METRICS_VERDICTS_ROOM = 8,
	METRICS_SEEN_SETS = 4096,
	METRICS_SEEN_WAYS = 4 /* entries of a set */
};

/* The pools by which counts are listed. */
enum metrics_pool {
	METRICS_POOL_API,
	METRICS_POOL_WEB,
	METRICS_POOL_OTHER, /* all other processes */
	METRICS_POOLS
};

_Static_assert((int)METRICS_OPERATIONS <= (int)METRICS_ROOM,
	       "the layout has room");
_Static_assert((int)METRICS_KINDS <= (int)METRICS_KINDS_ROOM,
	       "the layout has room");
_Static_assert((int)OUTCOME_COUNT <= (int)METRICS_ROOM, "the layout has room");
_Static_assert((int)METRICS_EDGES < (int)METRICS_ROOM, "the layout has room");
_Static_assert((int)METRICS_ADDON_EDGES < (int)METRICS_ADDON_ROOM,
	       "the layout has room");
_Static_assert((int)METRICS_VERDICTS <= (int)METRICS_VERDICTS_ROOM,
	       "the layout has room");

struct metrics_counters {
	/* Requests, by operation, and in requests also by outcome. */
	uint64_t requests[METRICS_ROOM][METRICS_ROOM];
	uint64_t buckets[METRICS_ROOM][METRICS_ROOM]; /* not cumulative */
	uint64_t total[METRICS_ROOM];                 /* ms */
	uint64_t in_database[METRICS_ROOM];           /* ms */
	uint64_t in_listener[METRICS_ROOM];           /* ms */
	/* Jobs, by kind, and in steps also by outcome. */
	struct {
		uint64_t steps[METRICS_KINDS_ROOM][METRICS_ROOM];
		uint64_t total[METRICS_KINDS_ROOM];       /* ms */
		uint64_t in_database[METRICS_KINDS_ROOM]; /* ms */
		uint64_t in_listener[METRICS_KINDS_ROOM]; /* ms */
	} jobs;
	uint64_t reserved[METRICS_RESERVED];
};

_Static_assert(sizeof(struct metrics_counters) == 1028 * sizeof(uint64_t),
	       "the layout stays");

struct metrics_slot {
	int64_t pid;  /* of its last process; only for debugging */
	int64_t role; /* of that process: an enum metrics_role */
	struct metrics_counters counters;
};

/* The counts of an add-on.  All processes add to them. */
struct metrics_addon {
	/* "MARKETPLACE/ADDON"; empty: the entry is unused */
	char name[METRICS_LONGEST_NAME];
	_Atomic int64_t runs_code; /* its listener has hooks or a library */
	_Atomic uint64_t old_secrets;
	_Atomic int64_t last_old_secret; /* s since 1970 */
	_Atomic uint64_t wrong_passwords;
	_Atomic uint64_t wrong_passwords_before; /* on earlier days */
	_Atomic int64_t last_wrong_password;     /* s since 1970 */
	_Atomic uint64_t requests[METRICS_ROOM][METRICS_STATUSES];
	/* Calls of the vendor's code, by action and result. */
	_Atomic uint64_t calls[METRICS_CALLS_ROOM][METRICS_CALLS_ROOM];
	/* By action: the failures since the last call that did not fail, and
	 * the time of the first of them in s since 1970. */
	_Atomic uint64_t failures[METRICS_CALLS_ROOM];
	_Atomic int64_t failing_since[METRICS_CALLS_ROOM];
};

/* More counts of it. */
struct metrics_addon_times {
	/* Requests, by operation and duration; not cumulative. */
	_Atomic uint64_t buckets[METRICS_ROOM][METRICS_ADDON_ROOM];
	_Atomic uint64_t total[METRICS_ROOM]; /* ms */
	/* Calls of the marketplace, by verdict. */
	_Atomic uint64_t platform_calls[METRICS_VERDICTS_ROOM];
	_Atomic uint64_t platform_total; /* ms */
};

struct metrics_file {
	char signature[16];
	struct metrics_slot slots[METRICS_SLOTS];
	/* The counts of slots that a process of another pool has taken. */
	struct metrics_counters retired[METRICS_POOLS];
	/* The last entry is the sum of all add-ons without an entry. */
	struct metrics_addon addons[METRICS_ADDONS + 1];
	/* Only the first slots have ever been taken: this many. */
	_Atomic int64_t slots_taken;
	_Atomic uint64_t write_failures;
	_Atomic int64_t write_trouble; /* an enum metrics_write */
	/* Of seen_resources.h. */
	_Atomic uint32_t seen[METRICS_SEEN_SETS][METRICS_SEEN_WAYS];
	/* A later version adds its members at the end, and extends the file:
	 * during an upgrade, processes of both versions use it. */
	_Atomic int32_t is_busy[METRICS_SLOTS]; /* they serve a request */
	struct metrics_addon_times times[METRICS_ADDONS + 1]; /* of addons */
};

/* The file of version 0.1.0. */
enum { METRICS_OLDEST_SIZE = 2713688 };

_Static_assert(offsetof(struct metrics_file, is_busy) == METRICS_OLDEST_SIZE,
	       "the layout stays");

/* Return the index of the first of count edges that milliseconds does not
 * exceed, or count. */
static inline int metrics_bucket(const int64_t edges[], int count,
				 int64_t milliseconds)
{
	int i = 0;

	while (i < count && milliseconds > edges[i])
		i++;
	return i;
}

/* The upper edges of the histogram, in milliseconds. */
extern const int64_t metrics_edges[METRICS_EDGES];
/* Those of the histograms of an add-on, which are many. */
extern const int64_t metrics_addon_edges[METRICS_ADDON_EDGES];

extern const char *const metrics_operation_names[METRICS_OPERATIONS];
extern const char *const metrics_kind_names[METRICS_KINDS];
extern const char *const metrics_pool_names[METRICS_POOLS];
extern const char *const metrics_action_names[METRICS_ACTIONS];
extern const char *const metrics_result_names[METRICS_RESULTS];
extern const char *const metrics_verdict_names[METRICS_VERDICTS];

/* Copy the name of an entry.  Return false if it is unused, or if its name does
 * not have the form "MARKETPLACE/ADDON": any process of the pool could write
 * it. */
MUST_CHECK bool metrics_addon_name(const struct metrics_addon *entry,
				   char name[static METRICS_LONGEST_NAME]);

/* Return the times of an add-on whose counts are in the mapped file. */
struct metrics_addon_times *metrics_times(const struct metrics_addon *entry);

/* Return the mapped file, or NULL if no file is mapped. */
struct metrics_file *metrics_mapped(void);

/* Return the mapped file, or NULL if no file is mapped or this process only
 * reads it. */
struct metrics_file *metrics_writable(void);

/* Begin and end a change of the file's structure. */
void metrics_lock(void);
void metrics_unlock(void);

/* Compute the sums of each pool.  Without a file, these are our own counts. */
void metrics_sum(struct metrics_counters sums[METRICS_POOLS]);

struct metrics_pool_size {
	int workers; /* that run */
	int busy;    /* those of them that serve a request, without this one */
};

struct metrics_pool_size metrics_pool_size(enum metrics_pool pool);

#endif
