/*
 * interrupts.h - lets a command end its work in order when it is interrupted.
 */
#ifndef CGI_CLI_INTERRUPTS_H
#define CGI_CLI_INTERRUPTS_H

#include <signal.h>

/* Set by the first signal after interrupts_catch(), also in processes that were
 * forked since. */
extern volatile sig_atomic_t interrupts_caught;

/* From now on, SIGHUP, SIGINT and SIGTERM interrupt a system call (EINTR) and
 * end nothing.  Those that the caller of this program ignores stay ignored. */
void interrupts_catch(void);

#endif
