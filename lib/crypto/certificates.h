/*
 * certificates.h - counts the certificates in a file of authorities.
 */
#ifndef LIB_CRYPTO_CERTIFICATES_H
#define LIB_CRYPTO_CERTIFICATES_H

#include <stdbool.h>

#include "lib/base/base.h"

struct certificates {
	int count;   /* all certificates */
	int expired; /* those that are no longer valid */
	int not_yet; /* those that are not valid yet */
};

/*
 * Count the certificates of a PEM file as OpenSSL reads it: other objects are
 * skipped, and one broken certificate makes the count 0.  Return false, with
 * the reason in errno, if the file cannot be opened.
 */
MUST_CHECK bool certificates_count(const char *path,
				   struct certificates *found);

#endif
