/*
 * reseal.h - which values in the database are sealed with which key.
 *
 * And sealing them anew, so that a key can go.  Both walk over all resources a
 * page at a time, in the order of their ids, so that no statement takes long
 * however many there are.
 */
#ifndef LIB_STORE_RESEAL_H
#define LIB_STORE_RESEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/outcome.h"

struct arena;
struct db;
struct sealing_keys;

/* How many values are sealed with a key. */
struct reseal_use {
	struct reseal_use *next;
	const char *key; /* its id */
	int64_t count;
	const char *sample; /* one of them, and where it stands */
};

/* Every key that any value needs, NULL for none; as db_run(). */
enum outcome reseal_count(struct db *db, struct arena *arena,
			  struct reseal_use **uses);

/* Of those, how many need this key. */
int64_t reseal_uses_of(const struct reseal_use *uses, const char *key);

/* Does the key of this id open what needs it?  One value is tried, and it is
 * logged when it does not. */
bool reseal_opens(const struct reseal_use *use,
		  const struct sealing_keys *keys);

struct reseal_progress {
	int64_t resealed;
	int64_t unopened; /* in the last walk: each is logged */
};

/*
 * Seal with the first key what is sealed with another, until a walk finds
 * nothing left to do.  A value is only replaced if it is still the one that was
 * read, so the pools may go on meanwhile, and it may end at any point and be
 * begun again.  report is told after each page.
 *
 * As db_run(); what was done stays done.
 */
enum outcome reseal_renew(struct db *db, const struct sealing_keys *keys,
			  void (*report)(const struct reseal_progress *),
			  struct reseal_progress *progress);

#endif
