/*
 * exec_check.h - checks the hooks of a home.
 */
#ifndef LIB_LISTENER_EXEC_CHECK_H
#define LIB_LISTENER_EXEC_CHECK_H

struct addon;
struct findings;

/* Check that hooks/provision is there, that every hook can run, and that only
 * root and the pools' user can change them.  Problems are errors in findings,
 * each with file and remedy. */
void exec_check(struct addon *addon, struct findings *findings);

#endif
