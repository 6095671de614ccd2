/*
 * digest.h - digests of strings.
 */
#ifndef LIB_CRYPTO_DIGEST_H
#define LIB_CRYPTO_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/base.h"

/* The digits of a SHA-256 digest, and of the longest one. */
enum { DIGEST_SHA256_HEX = 64, DIGEST_LONGEST_HEX = 128 };

/* SHA-1 is broken, but some marketplaces sign with nothing better. */
enum digest_kind { DIGEST_SHA256, DIGEST_SHA1, DIGEST_SHA512 };

/*
 * Compute the digest of the concatenated parts, in lower-case hexadecimal
 * digits.  Return false, with an empty text in hex, if OpenSSL fails.
 */
MUST_CHECK bool digest_hex(enum digest_kind kind, const char *const parts[],
			   size_t count,
			   char hex[static DIGEST_LONGEST_HEX + 1]);

/* Do the same with SHA-256. */
MUST_CHECK bool digest_sha256_hex(const char *const parts[], size_t count,
				  char hex[static DIGEST_SHA256_HEX + 1]);

/* Compute the HMAC of the concatenated parts (RFC 2104) with SHA-256 in the
 * same way.  key is a text of any length. */
MUST_CHECK bool digest_hmac_sha256_hex(const char *key,
				       const char *const parts[], size_t count,
				       char hex[static DIGEST_SHA256_HEX + 1]);

#endif
