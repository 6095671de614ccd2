/*
 * hook_command.h - which program runs a vendor's code, and in what.
 */
#ifndef LIB_LISTENER_HOOK_COMMAND_H
#define LIB_LISTENER_HOOK_COMMAND_H

#include <sys/types.h>

#include "lib/process/supervise.h"

struct addon;
struct arena;

/* What provisor is called where it serves a listener.so: its one argument is an
 * action, or HOOK_LOAD to do no more than load it. */
#define HOOK_SERVANT "provisor-listener"
#define HOOK_LOAD "load"

/* Its exit status where the library cannot be used; it then writes why. */
enum { HOOK_UNUSABLE = 126 };

/* Whom the code runs as. */
uid_t hook_user(void);

/* The file that has the add-on's code for an action. */
const char *hook_file(const struct addon *addon, struct arena *arena,
		      const char *action);

/* The program for an action (or HOOK_LOAD): but for what goes in and out, and
 * when. */
struct supervise_program hook_command(const struct addon *addon,
				      struct arena *arena, const char *action);

#endif
