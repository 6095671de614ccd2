/*
 * sealing.h - everything that is done with secrets.
 *
 * secret.c is the only place where secrets are compared, made, digested and
 * sealed; secret_keys.c reads the keys file.  No file but these and
 * secret_authorities.c includes OpenSSL.
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
struct secret_keys;

#define SECRET_SHA256_HEX 64 /* digits of a SHA-256 digest */

/* Are both equal?  In constant time; false for NULL. */
bool secret_equal(const char *a, const char *b);

/* SHA-1 is broken; old marketplaces sign with nothing better. */
enum secret_digest { SECRET_SHA256, SECRET_SHA1 };

/* The digest of parts in a row, in lower-case hexadecimal digits.  False, and
 * hex is empty, when the cryptography fails. */
bool secret_digest_hex(enum secret_digest kind, const char *const parts[],
		       size_t count, char hex[static SECRET_SHA256_HEX + 1]);

/* The same for SHA-256. */
bool secret_sha256_hex(const char *const parts[], size_t count,
		       char hex[static SECRET_SHA256_HEX + 1]);

/* The bytes of text as base64url without padding. */
const char *secret_to_base64url(struct arena *arena, const char *text);

/* size random bytes, as base64url without padding.  Ends the process if there
 * is no randomness to be had. */
const char *secret_random(struct arena *arena, size_t size);

/* A new key, as it stands in the keys file behind its id. */
const char *secret_make_key(struct arena *arena);

/*
 * The bytes that base64 text (with padding) stands for, terminated by a zero
 * that *size does not count.  NULL when text is not exactly of that form.
 */
const unsigned char *secret_from_base64(struct arena *arena, const char *text,
					size_t *size);

/*
 * Read the keys file: "ID:BASE64" of 32 bytes a line, blank lines and # apart.
 * The first key seals, every key opens.  Nobody but its owner may be able to
 * read or write the file.
 *
 * NULL when there is no usable key; then, and for each line that is not a key,
 * there is an error in findings.  The caller ends it with secret_keys_close(),
 * which wipes it.
 */
struct secret_keys *secret_keys_open(const char *path,
				     struct findings *findings);
void secret_keys_close(struct secret_keys *keys); /* NULL does nothing */

/* The ids of the keys, the first being that of the one that seals; NULL behind
 * the last.  They live as long as keys. */
const char *secret_keys_id(const struct secret_keys *keys, int number);

/* Is text of the form of a key's id? */
bool secret_is_key_id(const char *text);

enum secret_purpose {
	SECRET_CONFIG, /* config vars and what they were made of */
	SECRET_LOG_INPUT,
	SECRET_LOG_DRAIN,
	SECRET_GRANT,
	SECRET_SESSION, /* a cookie, in no table */
	SECRET_PURPOSES
};

/* Where a sealed value lives. */
struct secret_place {
	enum secret_purpose purpose;
	const char *table;
	const char *row; /* the resource's id */
	const char *column;
};

/* The sealed form of text.  NULL for NULL.  Ends the process if the
 * cryptography fails: there is nothing sensible left to store. */
const char *secret_seal(const struct secret_keys *keys, struct arena *arena,
			struct secret_place place, const char *text);

/* What was sealed.  NULL, and logged, when it does not open here: altered,
 * moved, or its key is gone from the keys file. */
const char *secret_open(const struct secret_keys *keys, struct arena *arena,
			struct secret_place place, const char *sealed);

/* The same for what strangers send: that it does not open is no news. */
const char *secret_try_open(const struct secret_keys *keys, struct arena *arena,
			    struct secret_place place, const char *sealed);

/* ---- for the reader of the keys file ---- */

enum {
	SECRET_MOST_KEYS = 32,
	SECRET_LONGEST_KEY_ID = 32,
	SECRET_KEY_SIZE = 32
};

/* What seals is not the key itself, but what is derived of it. */
struct secret_key {
	char id[SECRET_LONGEST_KEY_ID + 1];
	unsigned char derived[SECRET_PURPOSES][SECRET_KEY_SIZE];
};

struct secret_keys {
	int count;
	struct secret_key list[SECRET_MOST_KEYS]; /* the first seals */
};

/* Derive for every purpose of a key's bytes.  False when the cryptography
 * fails. */
bool secret_derive(struct secret_key *key,
		   const unsigned char bytes[static SECRET_KEY_SIZE]);

#endif
