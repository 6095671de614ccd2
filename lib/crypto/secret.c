#include "lib/crypto/secret.h"

#include <stddef.h>

/*
 * The loop passes over the whole of given.  At the end of the secret, expected
 * stays on the zero, which differs from every further byte of given; and it has
 * not reached the zero if the secret is longer.  Because expected is volatile,
 * no compiler can end the loop at the first difference.  Advancing it is a
 * subtraction with carry, not a branch.
 */
bool secret_equal(const char *secret, const char *given)
{
	const volatile char *expected = secret;
	int difference = 0;

	if (!secret || !given)
		return false;
	do {
		difference |= *expected ^ *given;
		expected += *expected != '\0';
	} while (*given++ != '\0');
	return difference == 0;
}
