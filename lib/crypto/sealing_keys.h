/*
 * sealing_keys.h - reads the keys that seal secrets from the keys file.
 *
 * A line of the file is "ID:BASE64", where BASE64 encodes 32 bytes; empty lines
 * and lines that begin with # are skipped.  The first key seals; any key opens.
 * Only the owner of the file may be able to read or write it.
 */
#ifndef LIB_CRYPTO_SEALING_KEYS_H
#define LIB_CRYPTO_SEALING_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/crypto/sealing.h"

struct arena;
struct cipher;
struct findings;

enum {
	SEALING_MOST_KEYS = 32,
	SEALING_LONGEST_KEY_ID = 32,  /* characters */
	SEALING_KEY_SIZE = 32,        /* bytes */
	SEALING_FINGERPRINT_SIZE = 16 /* bytes */
};

struct sealing_key {
	char id[SEALING_LONGEST_KEY_ID + 1];
	/* With the keys derived for each purpose that seals.  The key itself is
	 * not kept. */
	struct cipher *ciphers[SEALING_PURPOSES];
	unsigned char fingerprint[SEALING_FINGERPRINT_SIZE];
};

struct sealing_keys {
	int count;
	struct sealing_key list[SEALING_MOST_KEYS]; /* the first seals */
};

/* The words from which HKDF derives the key of each purpose. */
extern const char *const sealing_purpose_names[SEALING_PURPOSES];

/*
 * Read the keys file.  Each line that is not a key is an error in findings.
 * Return NULL after adding an error if the file has no usable key.  The caller
 * releases the keys with sealing_keys_close(), which wipes them.
 */
MUST_CHECK struct sealing_keys *sealing_keys_open(const char *path,
						  struct findings *findings);
void sealing_keys_close(struct sealing_keys *keys); /* does nothing for NULL */

/* Return the id of a key, or NULL after the last.  Number 0 seals.  The id
 * belongs to keys. */
const char *sealing_keys_id(const struct sealing_keys *keys, int number);

/* Return the fingerprint of a key, in the arena: hexadecimal digits that differ
 * for keys of the same id, and from which the key cannot be computed. */
const char *sealing_keys_fingerprint(const struct sealing_keys *keys,
				     struct arena *arena, int number);

/* Return true if text has the form of a key's id. */
MUST_CHECK bool sealing_keys_is_id(const char *text);

/*
 * Return the day in an id that "provisor keys add" has chosen, such as
 * k20261129, in seconds since 1970.  Return 0 for other ids: it is unknown when
 * their keys were added.
 */
int64_t sealing_keys_day(const char *id);

#endif
