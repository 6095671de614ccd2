/*
 * secret.h - compares secrets with what a caller has sent.
 */
#ifndef LIB_CRYPTO_SECRET_H
#define LIB_CRYPTO_SECRET_H

#include <stdbool.h>

#include "lib/base/base.h"

/*
 * Return true if given equals secret.  The time, and the number of
 * instructions, depend on the length of given alone: they reveal neither the
 * content nor the length of the secret.  Return false if either is NULL.
 */
MUST_CHECK bool secret_equal(const char *secret, const char *given);

#endif
