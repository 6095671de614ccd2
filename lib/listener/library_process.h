/*
 * library_process.h - the process that calls one function of a listener.so.
 *
 * library.c lets the hooks pool start it: provisor-hooks under another name. It
 * reads the document that a hook would read, calls the library, and writes its
 * output and exits as a hook would.
 */
#ifndef LIB_LISTENER_LIBRARY_PROCESS_H
#define LIB_LISTENER_LIBRARY_PROCESS_H

/* The name of the process.  Its only argument is an action, or
 * LIBRARY_PROCESS_LOAD to only load the library. */
#define LIBRARY_PROCESS_NAME "provisor-listener"
#define LIBRARY_PROCESS_LOAD "load"

/* The exit status of the process if the library cannot be used.  Its output
 * then gives the reason. */
enum { LIBRARY_PROCESS_UNUSABLE = 126 };

/* provisor-hooks calls this first in main().  It does not return in a process
 * that was started under the name above. */
void library_process_serve(int argc, char *argv[]);

#endif
