/*
 * counters.h - the layout of the file in which processes count.
 *
 * During an upgrade, workers of two releases count in one file.  Therefore the
 * layout never changes: new operations, outcomes and edges are added at the end
 * and use the reserved space.
 */
#ifndef LIB_METRICS_COUNTERS_H
#define LIB_METRICS_COUNTERS_H

#include <stdatomic.h>

#include "lib/metrics/metrics.h"

enum {
	METRICS_EDGES = 13,
	METRICS_ROOM = 16,
	METRICS_KINDS = 10, /* kinds of jobs, and "other" */
	METRICS_KINDS_ROOM = 12,
	METRICS_RESERVED = 12,
	METRICS_ADDONS = 256,
	METRICS_LONGEST_NAME = 96
};

_Static_assert((int)METRICS_OPERATIONS <= (int)METRICS_ROOM,
	       "the layout has room");
_Static_assert((int)METRICS_KINDS <= (int)METRICS_KINDS_ROOM,
	       "the layout has room");
_Static_assert((int)OUTCOME_COUNT <= (int)METRICS_ROOM, "the layout has room");
_Static_assert((int)METRICS_EDGES < (int)METRICS_ROOM, "the layout has room");

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

_Static_assert(sizeof(struct metrics_counters) == 800 * sizeof(uint64_t),
	       "the layout stays");

struct metrics_slot {
	int64_t pid;  /* of its last process; only for debugging */
	int64_t role; /* of that process: an enum metrics_role */
	struct metrics_counters counters;
};

struct metrics_use {
	/* "MARKETPLACE/ADDON"; empty: the entry is unused */
	char name[METRICS_LONGEST_NAME];
	_Atomic uint64_t count;
	_Atomic int64_t last;
};

struct metrics_file {
	char signature[16];
	struct metrics_slot slots[METRICS_SLOTS];
	struct metrics_use old_secrets[METRICS_ADDONS];
};

/* The upper edges of the histogram, in milliseconds. */
extern const int64_t metrics_edges[METRICS_EDGES];

extern const char *const metrics_operation_names[METRICS_OPERATIONS];
extern const char *const metrics_kind_names[METRICS_KINDS];

/* Return the mapped file, or NULL if there is none. */
struct metrics_file *metrics_mapped(void);

/* Return the sums over all slots, or our own counts if there is no file. */
struct metrics_counters metrics_sum(void);

#endif
