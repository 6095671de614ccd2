/*
 * children.h - finds the children of a process in /proc.
 *
 * If a process is a child subreaper, the orphans among its descendants become
 * its children.
 */
#ifndef LIB_PROCESS_CHILDREN_H
#define LIB_PROCESS_CHILDREN_H

#include <stdbool.h>
#include <sys/types.h>

/* Call act for each child of a process.  Return how often it returned true. */
int children_each(pid_t parent, bool (*act)(const void *context, pid_t child),
		  const void *context);

/* Kill and reap the children of this process until it has none. */
void children_end(void);

#endif
