/*
 * hook_protocol.h - what a hook is told, and what its answer means.
 *
 * Nothing here runs anything; hook.h has the words.
 */
#ifndef LIB_LISTENER_HOOK_PROTOCOL_H
#define LIB_LISTENER_HOOK_PROTOCOL_H

#include <stddef.h>

#include "lib/listener/hook.h"

enum { HOOK_LONGEST_OUTPUT = 64 * 1024 };

/*
 * The document for a call with so many seconds left:
 *
 *     {"version":1, "action":"provision", "key":"…", "attempt":1, "seconds":18,
 *      "resource":{"id", "uuid", "marketplace", "addon", "plan", "old_plan",
 *                  "region", "name", "options":{}, "owner":{}, "config":{},
 *                  "log_input_url"},
 *      "user":{…}, "overlap":7200}
 *
 * What is absent is left out, but options, owner and config are always objects.
 * overlap is there for rotate alone.
 */
const struct json *hook_protocol_write(struct arena *arena,
				       const struct addon *addon,
				       const struct hook_call *call,
				       int seconds);

/*
 * What it means that the code for action, which people know as file, has ended
 * with this exit status and written this.
 */
struct hook_result hook_protocol_read(struct arena *arena,
				      const struct addon *addon,
				      enum hook_action action, const char *file,
				      int status, const char *output,
				      size_t length);

/* That file has failed: why goes on after "file: ". */
struct hook_result hook_failure(struct arena *arena, const char *file,
				const char *why);

/* The refusals of a plan change and of a rotation where there is no code for
 * one. */
extern const char hook_no_change[];
extern const char hook_no_rotation[];

#endif
