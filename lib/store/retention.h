/*
 * retention.h - removes rows that are old, in small steps.
 *
 * Processes of several hosts may do so at once: one at a time removes rows of a
 * subject, and once nothing is left to remove, the subject is due again in a
 * minute.
 *
 * All functions return OUTCOME_OK or the failure of db_run().
 */
#ifndef LIB_STORE_RETENTION_H
#define LIB_STORE_RETENTION_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;

enum retention_subject {
	RETENTION_JOBS, /* finished jobs, with their attempts */
	RETENTION_EVENTS,
	RETENTION_EVENT_PEOPLE, /* who caused an event; the event stays */
	RETENTION_RESOURCES,    /* the names of those that are gone */
	RETENTION_USED_DIGESTS, /* 0004_sign_on.sql */
	RETENTION_NOTIFICATIONS,
	RETENTION_SUBJECTS
};

/* The names of the subjects: those of their tables. */
extern const char *const retention_subjects[RETENTION_SUBJECTS];

/* Remove up to 1,000 rows that are older than keep ms.  *is_done is false if
 * more may be left. */
MUST_CHECK enum outcome retention_remove(struct db *db, struct arena *arena,
					 enum retention_subject subject,
					 int64_t keep, bool *is_done);

struct retention_state {
	int64_t oldest;  /* the age of the oldest row in s; 0: there is none */
	int64_t done;    /* s since nothing was left to remove; -1: never */
	int64_t removed; /* rows, since the database was created */
};

/* Read the states of all subjects.  The age of a used digest is the time since
 * it has expired, and that of a resource the time since its end. */
MUST_CHECK enum outcome
retention_read(struct db *db, struct arena *arena,
	       struct retention_state states[RETENTION_SUBJECTS]);

#endif
