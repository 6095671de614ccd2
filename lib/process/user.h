/*
 * user.h - being another user of this host.
 */
#ifndef LIB_PROCESS_USER_H
#define LIB_PROCESS_USER_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Become user for good, with all of its groups.  Only root can: nobody else is
 * changed, and true is told all the same.  False, and errno tells why: ESRCH
 * where there is no such user; the process may be half of it and has to end.
 */
bool user_become(uid_t user);

/* Can user read this file?  Tried out, by a child that becomes it.  False, and
 * errno tells why not. */
bool user_can_read(uid_t user, const char *path);

#endif
