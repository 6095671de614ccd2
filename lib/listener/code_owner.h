/*
 * code_owner.h - which user runs a vendor's code, and who can change it.
 *
 * Anyone who can write a hook or a library, or a folder above it, runs code as
 * the pools' user.
 */
#ifndef LIB_LISTENER_CODE_OWNER_H
#define LIB_LISTENER_CODE_OWNER_H

#include <sys/types.h>

struct addon;
struct findings;

/* Set the pools' user for a process that runs as root.  Only this user or root
 * may own the code, which runs as this user.  Default: the user of this
 * process. */
void code_owner_set(uid_t user);
uid_t code_owner(void);

/* Check that root or the pools' user owns path, and that no other user can
 * write it.  Otherwise add an error to findings. */
void code_owner_check(const char *path, struct findings *findings);

/* Check a file or folder of a home in the same way and, if it is a symbolic
 * link, its target and all folders above the target, up to the home or to the
 * root. */
void code_owner_check_link(const struct addon *addon, const char *path,
			   struct findings *findings);

#endif
