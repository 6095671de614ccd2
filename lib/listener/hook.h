/*
 * hook.h - asking a vendor's own code, and what it may answer.
 *
 * A home has hooks/, programs in any language, or listener.so, which is run by
 * a program of its own too: ours, started again.  Both get a JSON document on
 * standard input and answer with another and an exit status, so that code of
 * the vendor's never runs within a process of the pools, and a secret is
 * never an argument.
 *
 * Exit status     means
 * 0               done
 * 65 EX_DATAERR   refused, "message" says why
 * 70 EX_SOFTWARE  failed for good
 * 75 EX_TEMPFAIL  pending where the answer has "retry_after", else failed
 *                 (0 there: as provisor likes)
 * any other       failed, and so is a signal, the deadline, too much output and
 *                 an answer that is not of the form below
 *
 * The answer: {"config":{…}, "message":"…", "log_drain_url":"…",
 * "retry_after":30, "redirect":"…", "session":{…}}; each may be absent or null,
 * nothing at all is {}, and any other member is a failure.  A member that means
 * nothing for the action is passed over.
 */
#ifndef LIB_LISTENER_HOOK_H
#define LIB_LISTENER_HOOK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct addon;
struct arena;
struct findings;
struct json;

enum hook_action {
	HOOK_PROVISION,
	HOOK_CHANGE_PLAN,
	HOOK_DEPROVISION,
	HOOK_SIGN_ON,
	HOOK_ROTATE,
	HOOK_ACTIONS
};

enum hook_verdict {
	HOOK_DONE,
	HOOK_REFUSED,
	HOOK_PENDING,
	HOOK_FAILED,
	HOOK_FAILED_FOR_GOOD
};

/* s that old credentials stay good, unless an operator says otherwise:
 * applications are started anew by then */
enum { HOOK_OVERLAP = 2 * 60 * 60 };

/* What the vendor is told.  NULL is left out. */
struct hook_call {
	enum hook_action action;
	const char *id;   /* as the marketplace was told */
	const char *uuid; /* ours */
	const char *plan;
	const char *old_plan;
	const char *region;
	const char *name;
	const struct json *options; /* an object of texts */
	const struct json *owner;   /* an object of texts */
	const struct json *config;  /* an object of texts */
	const char *log_input_url;
	const struct json *user; /* of a sign-on: an object of texts */
	int overlap; /* of rotate: s that the old credentials stay good */
	const char *key;
	int attempt;
	int64_t deadline; /* of clock_now() */
};

struct hook_result {
	enum hook_verdict verdict;
	const struct json *config; /* an object of texts; NULL: as it was */
	const char *message;
	const char *log_drain_url;
	int retry_after; /* seconds; 0: not said */
	const char *redirect;
	const struct json *session; /* an object of texts */
	/* How its process ended: "exit status 75"; NULL: none was needed. */
	const char *ended;
	/* Where it failed: a line for operators, without secrets; UTF-8, and at
	 * most 1 KiB. */
	const char *why;
	/* Its processes may not have ended yet: it left some behind, or was
	 * given up.  They have until HOOK_GRACE after the return of hook_run()
	 * at most. */
	bool may_still_run;
};

enum { HOOK_GRACE = 2000 }; /* ms between SIGTERM and SIGKILL */

/* "provision", "change-plan", "deprovision", "sign-on", "rotate". */
const char *hook_action_name(enum hook_action action);
bool hook_action_named(const char *name, enum hook_action *action);

/* Who the pools run as, where this process is root and they are not: files must
 * belong to them or root, and code of the vendor's is run as them.  Without
 * this, who we are ourselves. */
void hook_run_as(uid_t user);

/*
 * Check the hooks or the library of an add-on: those needed are there,
 * can be run, and belong to root or the pools' user and are writable by nobody
 * else.  What is wrong is an error in findings, naming file and remedy.  A
 * library is loaded for it in a process of its own, which has 2 s.
 */
void hook_check(const struct addon *addon, struct findings *findings);

/* Is there code for action?  Of a library only asking it tells: true. */
bool hook_is_there(const struct addon *addon, struct arena *arena,
		   enum hook_action action);

/*
 * Run the add-on's code for a call, and wait for it until the call's deadline,
 * and at most until wait_until for its end.  Never longer, and
 * nothing of it outlives wait_until + HOOK_GRACE; a death of this process ends
 * it likewise.  Without a hook for it deprovision and sign-on are HOOK_DONE,
 * and change-plan and rotate are HOOK_REFUSED. What the code writes to standard
 * error is logged line by line; a failure is logged here.
 */
struct hook_result hook_run(const struct addon *addon, struct arena *arena,
			    const struct hook_call *call, int64_t wait_until);

/*
 * To be called first in main() of every program: where the process was started
 * by hook_run() to serve a listener.so, this serves it and does not return.
 */
void hook_serve(int argc, char *argv[]);

#endif
