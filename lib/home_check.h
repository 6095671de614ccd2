/*
 * home_check.h - may only those touch an add-on's home who should?
 *
 * Whoever can write a hook, or a folder above it up to the home, runs code as
 * the pools' user; whoever can read the manifest can call in the
 * marketplace's name.
 */
#ifndef HOME_CHECK_H
#define HOME_CHECK_H

#include <sys/types.h>

struct addon;
struct findings;

/* Add what is wrong with owners and modes of the home's files, where the pools
 * run as user. */
void home_check(const struct addon *addon, uid_t user,
		struct findings *findings);

#endif
