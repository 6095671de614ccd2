/*
 * sealing.h - encrypts the secrets that the database and cookies hold.
 *
 * Sealed is AES-256-GCM (NIST SP 800-38D) under a key that HKDF (RFC 5869)
 * derives for each purpose from a key of the keys file.  The text reads
 * "1.KEY-ID.BASE64URL": a version, which key, then nonce, ciphertext and tag.
 * Where it belongs is its associated data, so that a value moved to another
 * row or column does not open.
 */
#ifndef LIB_CRYPTO_SEALING_H
#define LIB_CRYPTO_SEALING_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct findings;
struct sealing_keys;

/*
 * Read the keys file: "ID:BASE64" of 32 bytes a line, blank lines and # apart.
 * The first key seals, every key opens.  Nobody but its owner may be able to
 * read or write the file.
 *
 * NULL when there is no usable key; then, and for each line that is not a key,
 * there is an error in findings.  The caller ends it with sealing_keys_close(),
 * which wipes it.
 */
struct sealing_keys *sealing_keys_open(const char *path,
				       struct findings *findings);
void sealing_keys_close(struct sealing_keys *keys); /* NULL does nothing */

/* The ids of the keys, the first being that of the one that seals; NULL behind
 * the last.  They live as long as keys. */
const char *sealing_keys_id(const struct sealing_keys *keys, int number);

/* Is text of the form of a key's id? */
bool sealing_is_key_id(const char *text);

enum sealing_purpose {
	SEALING_CONFIG, /* config vars and what they were made of */
	SEALING_LOG_INPUT,
	SEALING_LOG_DRAIN,
	SEALING_GRANT,
	SEALING_SESSION, /* a cookie, in no table */
	SEALING_PURPOSES
};

/* Where a sealed value lives. */
struct sealing_place {
	enum sealing_purpose purpose;
	const char *table;
	const char *row; /* the resource's id */
	const char *column;
};

/* The sealed form of text.  NULL for NULL.  Ends the process if the
 * cryptography fails: there is nothing sensible left to store. */
const char *sealing_seal(const struct sealing_keys *keys, struct arena *arena,
			 struct sealing_place place, const char *text);

/* What was sealed.  NULL, and logged, when it does not open here: altered,
 * moved, or its key is gone from the keys file. */
const char *sealing_open(const struct sealing_keys *keys, struct arena *arena,
			 struct sealing_place place, const char *sealed);

/* The same for what strangers send: that it does not open is no news. */
const char *sealing_try_open(const struct sealing_keys *keys,
			     struct arena *arena, struct sealing_place place,
			     const char *sealed);

/* ---- for the reader of the keys file ---- */

enum {
	SEALING_MOST_KEYS = 32,
	SEALING_LONGEST_KEY_ID = 32,
	SEALING_KEY_SIZE = 32
};

/* What seals is not the key itself, but what is derived of it. */
struct sealing_key {
	char id[SEALING_LONGEST_KEY_ID + 1];
	unsigned char derived[SEALING_PURPOSES][SEALING_KEY_SIZE];
};

struct sealing_keys {
	int count;
	struct sealing_key list[SEALING_MOST_KEYS]; /* the first seals */
};

/* Derive for every purpose of a key's bytes.  False when the cryptography
 * fails. */
bool sealing_derive(struct sealing_key *key,
		    const unsigned char bytes[static SEALING_KEY_SIZE]);

#endif
