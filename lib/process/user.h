/*
 * user.h - acts as another user of this host.
 */
#ifndef LIB_PROCESS_USER_H
#define LIB_PROCESS_USER_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/base.h"

/*
 * Become user permanently, with all of its groups.  Only root can do this: for
 * other users the function does nothing and returns true.  On failure, return
 * false with the reason in errno (ESRCH: there is no such user).  The process
 * must then end, because only some of its ids may have changed.
 */
MUST_CHECK bool user_become(uid_t user);

/* Let a child process become user and read the file at path.  Return false,
 * with the reason in errno, if it cannot. */
MUST_CHECK bool user_can_read(uid_t user, const char *path);

#endif
