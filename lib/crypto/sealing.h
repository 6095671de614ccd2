/*
 * sealing.h - encrypts secrets in the database, in cookies and in forms.
 *
 * A secret is sealed with AES-256-GCM (NIST SP 800-38D), with a key that HKDF
 * (RFC 5869) derives for each purpose from a key of the keys file.  A sealed
 * text reads "1.KEY-ID.BASE64URL": the version, the id of the key, then nonce,
 * ciphertext and tag.  Its place is the associated data, so a text that was
 * moved to another row or column, or whose row was given to another owner,
 * cannot be opened.
 */
#ifndef LIB_CRYPTO_SEALING_H
#define LIB_CRYPTO_SEALING_H

#include "lib/base/base.h"

struct arena;
struct sealing_keys;

enum sealing_purpose {
	SEALING_CONFIG, /* config vars and the secrets in them */
	SEALING_LOG_INPUT,
	SEALING_LOG_DRAIN,
	SEALING_GRANT,
	SEALING_OPTIONS,
	SEALING_SESSION,     /* a cookie; not stored in a table */
	SEALING_FORM,        /* a token in a page; not stored either */
	SEALING_FINGERPRINT, /* tells keys of one id apart; seals nothing */
	SEALING_PURPOSES
};

/* Where a sealed text is stored.  Only owner may contain a newline. */
struct sealing_place {
	enum sealing_purpose purpose;
	const char *table;
	const char *row; /* the resource's id */
	const char *column;
	const char *owner; /* whose row it is; NULL: no one's */
};

/* Seal text.  Return NULL for NULL.  The process ends if OpenSSL fails, because
 * nothing could then be stored. */
const char *sealing_seal(const struct sealing_keys *keys, struct arena *arena,
			 struct sealing_place place, const char *text);

/* Open a sealed text.  Return NULL after logging the reason if it was altered
 * or moved, or if its key is not in the keys file. */
MUST_CHECK const char *sealing_open(const struct sealing_keys *keys,
				    struct arena *arena,
				    struct sealing_place place,
				    const char *sealed);

/* Open a text that a client sent, and do not log a failure. */
MUST_CHECK const char *sealing_try_open(const struct sealing_keys *keys,
					struct arena *arena,
					struct sealing_place place,
					const char *sealed);

#endif
