/*
 * hook_answer.h - reads the answer of a vendor's code.
 *
 * Hooks and libraries answer with an exit status and a JSON document on
 * standard output.  This module does not run processes.  hook_call.h has the
 * document that they get; provisor-listener(3) is the manual for vendors.
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
#ifndef LIB_LISTENER_HOOK_ANSWER_H
#define LIB_LISTENER_HOOK_ANSWER_H

#include <stddef.h>

#include "lib/base/base.h"
#include "lib/listener/listener.h"

enum { HOOK_ANSWER_LONGEST = 64 * 1024 }; /* bytes of the document */

/* Return the answer of a process that has exited with status and written length
 * bytes of output.  file is the name of its code, for operators. */
MUST_CHECK struct listener_answer
hook_answer_read(struct arena *arena, const struct listener_call *call,
		 const char *file, int status, const char *output,
		 size_t length);

/* Return LISTENER_FAILED with the reason "FILE: WHY". */
MUST_CHECK struct listener_answer
hook_answer_failure(struct arena *arena, const char *file, const char *why);

/* Return the answer of a listener without code for an action other than
 * provision; the resource is in this state. */
MUST_CHECK struct listener_answer
hook_answer_no_code(enum listener_action action, enum resource_state state);

#endif
