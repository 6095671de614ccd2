/*
 * reseal.h - counts sealed values by key, and seals them with another key.
 *
 * Both read all resources in the order of their ids, one page at a time, so
 * that no statement takes long.
 */
#ifndef LIB_STORE_RESEAL_H
#define LIB_STORE_RESEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;
struct sealing_keys;

/* How many values a key has sealed. */
struct reseal_use {
	struct reseal_use *next;
	const char *key; /* its id */
	int64_t count;
	const char *sample; /* one of the values, with its place */
};

/* *uses is set to a list of all keys that values need, or NULL if there are no
 * values.  Return OUTCOME_OK or the failure of db_run(). */
MUST_CHECK enum outcome reseal_count(struct db *db, struct arena *arena,
				     struct reseal_use **uses);

/* The keys that the values of some resources need. */
struct reseal_sample {
	struct reseal_use *uses;
	int64_t resources; /* that were read */
	int64_t total;     /* the same, or about how many there are */
};

/* Count like reseal_count() if there are few resources, and otherwise the
 * values of 10,000 of them.  They are the first by their ids, which are
 * random. */
MUST_CHECK enum outcome reseal_count_sample(struct db *db, struct arena *arena,
					    struct reseal_sample *sample);

/* Return how many values need the key. */
int64_t reseal_uses_of(const struct reseal_use *uses, const char *key);

/* Try to open the sample.  Return false after logging why that fails. */
MUST_CHECK bool reseal_opens(const struct reseal_use *use,
			     const struct sealing_keys *keys);

struct reseal_progress {
	int64_t resealed;
	int64_t unopened; /* values that the last walk could not open; each is
			     logged */
};

/*
 * Seal with the first key all values that other keys have sealed, until a walk
 * finds nothing to do.  A value is replaced only if it is still the one that
 * was read, so the pools may run meanwhile, and the program may be killed and
 * started again.  report is called after each page.
 *
 * Return OUTCOME_OK or the failure of db_run().  A failure undoes nothing.
 */
MUST_CHECK enum outcome
reseal_renew(struct db *db, const struct sealing_keys *keys,
	     void (*report)(const struct reseal_progress *),
	     struct reseal_progress *progress);

#endif
