/*
 * code_owner.h - who can change a vendor's code.
 *
 * Anyone who can write a hook or a library, or a folder above it, gets what the
 * pools pass to the code, such as customers' credentials.  The user who runs
 * the code (hook_run.h) must not be able to change it.
 */
#ifndef LIB_LISTENER_CODE_OWNER_H
#define LIB_LISTENER_CODE_OWNER_H

#include <sys/types.h>

struct addon;
struct findings;

/* Set the pools' user for a process that runs as root.  Only this user or root
 * may own the code.  Default: the user of this process. */
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
