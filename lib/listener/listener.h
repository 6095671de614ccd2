/*
 * listener.h - asks an add-on's listener about a resource, whichever its kind.
 */
#ifndef LIB_LISTENER_LISTENER_H
#define LIB_LISTENER_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/listener/hook.h"
#include "lib/store/resource_secrets.h"

struct addon;
struct arena;
struct json;
struct resource;
struct sealing_keys;

struct listener_call {
	const struct addon *addon;
	const struct resource *resource; /* as it is kept */
	enum hook_action action;
	const char *plan;        /* to have */
	const char *old_plan;    /* of HOOK_CHANGE_PLAN */
	const struct json *user; /* of HOOK_SIGN_ON: an object of texts */
	int overlap;             /* of HOOK_ROTATE: seconds */
	const char *key; /* the same for each attempt at the same thing */
	int attempt;
	int64_t deadline;   /* the listener is told to end */
	int64_t wait_until; /* and is waited for */
};

struct listener_answer {
	enum hook_verdict verdict;
	struct resource_secrets
		kept; /* all the resource has from now on, when done */
	const char *message;
	const char *log_drain_url;
	int retry_after;            /* seconds; 0: not said */
	const char *redirect;       /* of HOOK_SIGN_ON; NULL: not said */
	const struct json *session; /* the same: an object of texts */
	const char *why;            /* it failed: a line without secrets */
	bool may_still_run;
};

/* Does one of this add-on take its time: is it to be begun before it is done,
 * and cleaned up after? */
bool listener_takes_time(const struct addon *addon);

/* Can it make new credentials?  *remedy says what is missing if it cannot.  Of
 * a library only asking it tells: true. */
bool listener_can_rotate(const struct addon *addon, struct arena *arena,
			 const char **remedy);

/* Ask.  What cannot be opened of the resource is HOOK_FAILED. */
struct listener_answer listener_ask(const struct sealing_keys *keys,
				    struct arena *arena,
				    const struct listener_call *question);

/* Milliseconds for which hooks and libraries were waited for since this was
 * last asked: by whoever serves one request, or does one job, after the other.
 */
int64_t listener_spent(void);

#endif
