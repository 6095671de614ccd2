/*
 * hook_call.h - writes the document with which a vendor's code is called.
 *
 * Hooks and libraries read it on standard input.  hook_answer.h has what they
 * answer; provisor-listener(3) is the manual for vendors.
 */
#ifndef LIB_LISTENER_HOOK_CALL_H
#define LIB_LISTENER_HOOK_CALL_H

#include <stdint.h>

#include "lib/base/base.h"
#include "lib/listener/listener.h"

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
 *      "user":{…}, "signed":true, "parameters":{…}, "overlap":7200,
 *      "from":{…}}
 *
 * Absent members are left out, except objects of resource, which are then {}.
 * Only calls with a token have platform, only sign-on has user, signed and
 * parameters, only rotate has overlap, and only restore has from, with the
 * members of resource.
 */
MUST_CHECK const struct json *hook_call_write(struct arena *arena,
					      const struct listener_call *call,
					      int seconds, int64_t deadline);

#endif
