/*
 * base64.h - base64 and base64url (RFC 4648, sections 4 and 5).
 *
 * Decoding is strict: it accepts exactly one text for given bytes.  Results
 * belong to the arena.
 */
#ifndef LIB_CRYPTO_BASE64_H
#define LIB_CRYPTO_BASE64_H

#include <stddef.h>

#include "lib/base/base.h"

struct arena;

/* Encode with the plain alphabet and with padding. */
char *base64_encode(struct arena *arena, const void *bytes, size_t size);

/* Encode with the alphabet for URLs and without padding. */
const char *base64_url_encode(struct arena *arena, const void *bytes,
			      size_t size);

/*
 * Decode text.  The result is followed by a zero byte, which *size does not
 * count.  Return NULL if text does not have exactly the form that the encoder
 * writes.
 */
MUST_CHECK const unsigned char *base64_decode(struct arena *arena,
					      const char *text, size_t *size);
MUST_CHECK const unsigned char *
base64_url_decode(struct arena *arena, const char *text, size_t *size);

#endif
