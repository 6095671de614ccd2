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

#include "lib/base/base.h"
#include "lib/crypto/sealing.h"

struct findings;

enum {
	SEALING_MOST_KEYS = 32,
	SEALING_LONGEST_KEY_ID = 32, /* characters */
	SEALING_KEY_SIZE = 32        /* bytes */
};

struct sealing_key {
	char id[SEALING_LONGEST_KEY_ID + 1];
	/* The keys derived for each purpose; the key itself is not kept. */
	unsigned char derived[SEALING_PURPOSES][SEALING_KEY_SIZE];
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

/* Return true if text has the form of a key's id. */
bool sealing_keys_is_id(const char *text);

#endif
