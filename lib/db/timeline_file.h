/*
 * timeline_file.h - the newest timelines that the processes of a host have
 * seen.
 *
 * Only lib/db/timeline.c includes this header.  The file has an entry for each
 * database cluster.  Every process maps it, so that it reads an entry without a
 * system call; to change one, it locks the file.
 */
#ifndef LIB_DB_TIMELINE_FILE_H
#define LIB_DB_TIMELINE_FILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"

enum { TIMELINE_CLUSTERS = 16 /* after that, the oldest is replaced */ };

struct timeline_entry {
	_Atomic uint64_t cluster;     /* its system identifier; 0: unused */
	_Atomic uint64_t number;      /* its newest timeline */
	_Atomic uint64_t accepted_at; /* of its newest accepted epoch, in us */
};

struct timeline_file {
	char signature[16];
	struct timeline_entry entries[TIMELINE_CLUSTERS];
	_Atomic uint64_t replaced; /* how many entries were replaced */
	_Atomic int64_t looked_at; /* of clock_now(): timeline_take_look() */
};

/* Use the file at path, which is borrowed. */
void timeline_file_use(const char *path);

/* Return that path, or NULL. */
const char *timeline_file_path(void);

/* Return the mapped file, or NULL.  A process that has been given another file
 * under the same path keeps the one that it has. */
struct timeline_file *timeline_file_mapped(void);

/* Map what is at the path now, if it exists and is another file.  A failure is
 * not logged. */
void timeline_file_refresh(void);

/* Map the file, create it if necessary, and lock it for other processes.
 * Return NULL after logging why it cannot be used. */
MUST_CHECK struct timeline_file *timeline_file_lock(void);
void timeline_file_unlock(void);

#endif
