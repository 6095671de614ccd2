/*
 * certificates.h - the certificates in a file of authorities.
 *
 * No secret is in them; they are here because OpenSSL is.
 */
#ifndef LIB_CRYPTO_CERTIFICATES_H
#define LIB_CRYPTO_CERTIFICATES_H

#include <stdbool.h>

struct certificates {
	int count;   /* certificates */
	int expired; /* of these */
	int not_yet; /* of these, such as become valid only later */
};

/*
 * Count the certificates of a PEM file, as OpenSSL takes it in: none where a
 * single one is broken; what is no certificate is passed over.  False when it
 * cannot be opened; errno tells why.
 */
bool certificates_count(const char *path, struct certificates *found);

#endif
