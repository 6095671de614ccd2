/*
 * permissions.h - may only those touch an add-on's home who should?
 *
 * Whoever can read the manifest can call in the marketplace's name, and whoever
 * can write it lets others do so.  What the pools run is hook_check()'s affair.
 */
#ifndef LIB_ADDON_PERMISSIONS_H
#define LIB_ADDON_PERMISSIONS_H

struct addon;
struct findings;

/* Add what is wrong with the modes of the home's files. */
void home_check(const struct addon *addon, struct findings *findings);

#endif
