/*
 * permissions.h - checks who may read and write the files of a home.
 *
 * A user who can read the manifest can send requests as the marketplace.
 * listener_open() checks the programs that the pools run.
 */
#ifndef LIB_ADDON_PERMISSIONS_H
#define LIB_ADDON_PERMISSIONS_H

struct addon;
struct findings;

/* Add a finding for each file whose mode is too permissive. */
void permissions_check(const struct addon *addon, struct findings *findings);

/* Do the same for one file that contains secrets, if it exists. */
void permissions_check_secret(const char *path, struct findings *findings);

#endif
