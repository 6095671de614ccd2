/*
 * listener.h - calls an add-on's listener about one resource.
 *
 * A listener is the vendor's own part of an add-on: it creates, changes and
 * removes the vendor's side of a resource, and may decide where a sign-on
 * leads.  kind.h has its three kinds: template, exec and library.  A template
 * answers at once; the other two run the vendor's code in a process.
 */
#ifndef LIB_LISTENER_LISTENER_H
#define LIB_LISTENER_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/dialect/dialect.h"
#include "lib/store/resource.h"
#include "lib/store/resource_secrets.h"

struct addon;
struct arena;
struct findings;
struct json;
struct sealing_keys;

enum listener_action {
	LISTENER_PROVISION,
	LISTENER_CHANGE_PLAN,
	LISTENER_DEPROVISION,
	LISTENER_SIGN_ON,
	LISTENER_ROTATE,
	LISTENER_SUSPEND,
	LISTENER_RESUME,
	LISTENER_RESTORE,
	LISTENER_MOVE,
	LISTENER_ACTIONS
};

enum listener_verdict {
	LISTENER_DONE,
	LISTENER_REFUSED, /* message says why */
	LISTENER_PENDING, /* begun, not complete: repeat the call */
	LISTENER_FAILED,  /* a repeated call may succeed */
	LISTENER_FAILED_FOR_GOOD
};

enum {
	LISTENER_GRACE = 2000, /* ms between SIGTERM and SIGKILL */
	/* ms for a sign-on: a browser waits */
	LISTENER_SIGN_ON_LIMIT = 3000,
	/* per cent of PROVISOR_ANSWER_LIMIT; no listener runs later than that
	 * after nginx has received the request */
	LISTENER_ANSWER_SHARE = 75
};

/* How to call the marketplace's API about the resource.  access_token is NULL
 * if the call has no token. */
struct listener_platform {
	const char *url; /* such as "https://api.heroku.com" */
	const char *access_token;
	int64_t expires_at; /* seconds since 1970 */
};

/* A template uses only addon, resource, action and plan. */
struct listener_call {
	const struct addon *addon;
	const struct resource *resource;
	enum listener_action action;
	const char *plan;        /* the plan to have */
	const char *old_plan;    /* change-plan: the present plan; or NULL */
	const struct json *user; /* sign-on: an object of strings; or NULL */
	bool user_is_signed;     /* sign-on: the token covers user and e-mail */
	const struct json *parameters; /* sign-on: an object of strings; or
					  NULL */
	const struct resource *from;   /* restore: the kept resource; move: the
					  one of another add-on; or NULL */
	struct listener_platform platform;
	int overlap;        /* rotate: s for which the old credentials
			       must stay valid */
	const char *key;    /* the same for all attempts of a call */
	const char *job;    /* its number, for the log; or NULL */
	int attempt;        /* from 1; 0: not counted */
	int64_t deadline;   /* when the code gets SIGTERM (clock_now()) */
	int64_t wait_until; /* when the call returns (clock_now()) */

	/* The sealed values of the resource; listener_ask() opens them. */
	struct resource_secrets stored;
	const struct json *options; /* an object of strings, or NULL */
	const char *log_input_url;  /* or NULL */
	const char *logplex_token;  /* or NULL */
	/* Those of from. */
	struct resource_secrets stored_from;
	const struct json *options_from;
};

struct listener_answer {
	enum listener_verdict verdict;
	/* DONE and PENDING, provision: the id that the resource gets, or NULL:
	 * it keeps its own (vendor_id.h). */
	const char *id;
	struct resource_secrets stored; /* DONE: the values to store */
	const char *message;            /* for the customer, or NULL */
	const char *log_drain_url;      /* or NULL */
	int retry_after;                /* PENDING: s; 0: no preference */
	const char *redirect;           /* sign-on: an https URL or a
					   path on this host, or NULL */
	const struct json *session;     /* sign-on: an object of strings, or
					   NULL */
	/* FAILED and FAILED_FOR_GOOD: why, for operators: a line of UTF-8 of
	 * at most 1 KiB, without secrets.  Otherwise NULL. */
	const char *why;
	/* How the process ended, such as "exit status 75"; NULL if none ran. */
	const char *ended;
	/* Processes of the call may still run, for LISTENER_GRACE at most. */
	bool may_still_run;
};

/* Return the name of the action's hook, such as "change-plan". */
const char *listener_action_name(enum listener_action action);

/* Return all names as a list that ends with conjunction, "and" or "or". */
const char *listener_list_actions(struct arena *arena, const char *conjunction);
MUST_CHECK bool listener_action_named(const char *name,
				      enum listener_action *action);

/*
 * Open the listener of an add-on: read its template, or check that its code can
 * run and that only root and the pools' user can change it.  Problems become
 * errors in findings, each with the file and the remedy.  To check a library, a
 * separate process loads it within 2 s.
 */
void listener_open(struct addon *addon, struct findings *findings);

/* Return false for a template: it answers at once, needs no clean-up, and its
 * answer is complete. */
MUST_CHECK bool listener_takes_time(const struct addon *addon);

/* Return whether the listener can make new credentials.  If it cannot, *remedy
 * says what is missing.  For a library, return true, because only a call shows
 * whether it can. */
MUST_CHECK bool listener_can_rotate(const struct addon *addon,
				    struct arena *arena, const char **remedy);

/* Return whether the listener can give one resource the content of another, in
 * the same way. */
MUST_CHECK bool listener_can_restore(const struct addon *addon,
				     struct arena *arena, const char **remedy);

/* Return whether the listener can give a resource the content of one of another
 * add-on, in the same way.  is_new is true for a resource that has no content
 * of its own, and that keeps the id of the other. */
MUST_CHECK bool listener_can_move(const struct addon *addon,
				  struct arena *arena, bool is_new,
				  const char **remedy);

/*
 * Call the listener, until the deadline at the latest, and wait for its end
 * until wait_until.  Config vars and a log drain that are not in its answer
 * stay as they are; config vars of a move are those of the other resource.
 *
 * If the code for an action is missing, the verdict is DONE for deprovision,
 * sign-on, suspend, resume and a move into a new resource, and REFUSED for
 * change-plan, rotate, restore and any other move.  A failure is logged.
 */
MUST_CHECK struct listener_answer
listener_ask(const struct sealing_keys *keys, struct arena *arena,
	     const struct listener_call *call);

/* Like listener_ask(), but without keys: the caller sets call->stored, options,
 * log_input_url and logplex_token, and the answer has only the values that the
 * listener returned. */
MUST_CHECK struct listener_answer
listener_ask_opened(struct arena *arena, const struct listener_call *call);

/* Return resource with the changes of a DONE answer, sealed.  The answer's
 * message becomes both message and plan_message, and its id provider_id. */
struct resource listener_seal(const struct sealing_keys *keys,
			      struct arena *arena,
			      const struct resource *resource,
			      const struct listener_answer *answer);

/* Return the response to the marketplace after a DONE answer, without an id. */
struct dialect_response listener_response(const struct listener_answer *answer);

/* Return the milliseconds that calls of hooks and libraries have taken since
 * this function was last called. */
int64_t listener_spent(void);

#endif
