/*
 * hook_protocol.h - the input and the output of a vendor's code.
 *
 * Hooks and libraries are called with a JSON document on standard input, and
 * answer with an exit status and another document on standard output.  This
 * module does not run processes.  provisor-listener(3) is the manual for
 * vendors.
 *
 * Exit status     Verdict
 * 0               done
 * 65 EX_DATAERR   refused; "message" says why
 * 70 EX_SOFTWARE  failed for good
 * 75 EX_TEMPFAIL  pending if the answer has "retry_after", else failed
 * any other       failed
 *
 * The answer: {"id":"…", "config":{…}, "message":"…", "log_drain_url":"…",
 * "retry_after":30, "redirect":"…", "session":{…}}.  An id may be a number.
 * Each member may be absent or null, and an empty output is {}.  A member
 * without a meaning for the action is ignored.  An unknown member, and one that
 * answer_rules.h refuses, makes the call a failure.
 */
#ifndef LIB_LISTENER_HOOK_PROTOCOL_H
#define LIB_LISTENER_HOOK_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#include "lib/listener/listener.h"

enum { HOOK_PROTOCOL_LONGEST_OUTPUT = 64 * 1024 }; /* bytes */

/*
 * Return the document for a call that has this many seconds left, until the
 * deadline in seconds since 1970:
 *
 *     {"version":1, "action":"provision", "key":"…", "attempt":1, "seconds":18,
 *      "deadline":"2026-11-29T12:00:18Z",
 *      "resource":{"id", "uuid", "marketplace", "addon", "plan", "old_plan",
 *                  "region", "name", "options":{}, "owner":{}, "config":{},
 *                  "log_input_url", "logplex_token", "log_drain_token",
 *                  "callback_url", "state"},
 *      "platform":{"url", "access_token", "expires_at"},
 *      "user":{…}, "overlap":7200, "from":{…}}
 *
 * Absent members are left out, except options, owner and config, which are
 * then {}.  Only calls with a token have platform, only rotate has overlap, and
 * only restore has from, with the members of resource.
 */
const struct json *hook_protocol_write(struct arena *arena,
				       const struct listener_call *call,
				       int seconds, int64_t deadline);

/* Return the answer of a process that has exited with status and written length
 * bytes of output.  file is the name of its code, for operators. */
MUST_CHECK struct listener_answer
hook_protocol_read(struct arena *arena, const struct listener_call *call,
		   const char *file, int status, const char *output,
		   size_t length);

/* Return LISTENER_FAILED with the reason "FILE: WHY". */
MUST_CHECK struct listener_answer
hook_protocol_failure(struct arena *arena, const char *file, const char *why);

/* Return the answer of a listener without code for an action other than
 * provision. */
MUST_CHECK struct listener_answer
hook_protocol_no_code(enum listener_action action);

#endif
