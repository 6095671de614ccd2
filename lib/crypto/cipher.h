/*
 * cipher.h - encrypts with AES-256-GCM (NIST SP 800-38D) and one key.
 *
 * OpenSSL sets a key up once, when the cipher is opened, and wipes it when the
 * cipher is closed.
 */
#ifndef LIB_CRYPTO_CIPHER_H
#define LIB_CRYPTO_CIPHER_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/base.h"

enum {
	CIPHER_KEY_SIZE = 32,   /* bytes */
	CIPHER_NONCE_SIZE = 12, /* bytes */
	CIPHER_TAG_SIZE = 16    /* bytes */
};

struct cipher;

/* Return a cipher that the caller closes, or NULL if OpenSSL fails. */
MUST_CHECK struct cipher *
cipher_open(const unsigned char key[static CIPHER_KEY_SIZE]);
void cipher_close(struct cipher *cipher); /* does nothing for NULL */

/*
 * Encrypt size bytes from in to out, and append the tag.  The nonce must be a
 * new one for each text.  The text can be decrypted only with the same
 * associated text.  Return false if OpenSSL fails.
 */
MUST_CHECK bool
cipher_encrypt(struct cipher *cipher,
	       const unsigned char nonce[static CIPHER_NONCE_SIZE],
	       const char *associated, const void *in, size_t size,
	       unsigned char *out);

/* Decrypt size bytes from in, which the tag follows, to out.  Return false if
 * in was not encrypted with this key, nonce and associated text; out must not
 * be used then. */
MUST_CHECK bool
cipher_decrypt(struct cipher *cipher,
	       const unsigned char nonce[static CIPHER_NONCE_SIZE],
	       const char *associated, const unsigned char *in, size_t size,
	       void *out);

#endif
