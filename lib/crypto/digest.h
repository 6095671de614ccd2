/*
 * digest.h - digests of strings.
 */
#ifndef LIB_CRYPTO_DIGEST_H
#define LIB_CRYPTO_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/base.h"

enum { DIGEST_SHA256_HEX = 64 }; /* digits of a SHA-256 digest */

/* SHA-1 is broken, but old marketplaces sign with nothing better. */
enum digest_kind { DIGEST_SHA256, DIGEST_SHA1 };

/*
 * Compute the digest of the concatenated parts, in lower-case hexadecimal
 * digits.  Return false, with an empty text in hex, if OpenSSL fails.
 */
MUST_CHECK bool digest_hex(enum digest_kind kind, const char *const parts[],
			   size_t count,
			   char hex[static DIGEST_SHA256_HEX + 1]);

/* Do the same with SHA-256. */
MUST_CHECK bool digest_sha256_hex(const char *const parts[], size_t count,
				  char hex[static DIGEST_SHA256_HEX + 1]);

#endif
