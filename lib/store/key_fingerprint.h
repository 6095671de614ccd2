/*
 * key_fingerprint.h - recognizes hosts whose sealing keys differ.
 *
 * If the keys files of two hosts have different keys under one id, each host
 * seals values that the other cannot open.  The database has the fingerprint of
 * each key that a host has used.
 *
 * All functions return OUTCOME_OK or the failure of db_run().
 */
#ifndef LIB_STORE_KEY_FINGERPRINT_H
#define LIB_STORE_KEY_FINGERPRINT_H

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;
struct sealing_keys;

/* Store the fingerprints of keys that are new. */
MUST_CHECK enum outcome key_fingerprint_add(struct db *db, struct arena *arena,
					    const struct sealing_keys *keys);

/* Find a key that has another fingerprint in the database.  *id belongs to the
 * arena; NULL: there is none. */
MUST_CHECK enum outcome
key_fingerprint_find_foreign(struct db *db, struct arena *arena,
			     const struct sealing_keys *keys, const char **id);

/* Forget the fingerprint of a key that no value needs. */
MUST_CHECK enum outcome
key_fingerprint_remove(struct db *db, struct arena *arena, const char *id);

#endif
