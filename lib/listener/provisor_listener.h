/*
 * provisor/listener.h - the interface of a listener in C.
 *
 * A listener creates, changes and removes the vendor's side of a resource: a
 * database, a mailbox, an account.  Write it as a shared object that defines
 * provisor_listener, and install it as listener.so in the add-on's home:
 *
 *     cc -shared -fPIC -o listener.so.new mine.c
 *     mv listener.so.new listener.so
 *
 * provisor-listener(3) describes the environment of a call and the limits of
 * answers.
 *
 * Calls
 *     Each call runs in a new process as the pools' user.  Its working
 *     directory is the home, its umask is 077, and its environment consists of
 *     PATH, HOME (the home) and LANG.  No state survives a call except what the
 *     listener stores elsewhere, and no memory needs to be freed.  Standard
 *     output and standard error go to provisor's log, line by line.
 *
 *     At its deadline a call and all processes that it has started get SIGTERM,
 *     and SIGKILL 2 seconds later.  Processes that are left when a call returns
 *     are ended in the same way.  A crash or an exit counts as a failure of
 *     this one call.
 *
 * Repeated calls
 *     A call can be repeated at any time, for example because a process was
 *     killed or a response was lost.  It then has the same key and the same
 *     resource, and a higher attempt.  The listener must complete what an
 *     earlier attempt began, or find it complete, and never create a second
 *     object for the same resource.
 *
 *     Calls for one resource do not overlap, unless a host is paused during a
 *     call and continues later.  provisor-listener(3), "Late calls", shows how
 *     to recognize such a call by its deadline, its key and its attempt.
 *
 * Data
 *     Everything that provisor passes is UTF-8, stays valid until the process
 *     ends, and must not be changed or freed.
 */
#ifndef PROVISOR_LISTENER_H
#define PROVISOR_LISTENER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Version 2 has the members that are marked with it.  A library that was built
 * with version 1 continues to work. */
#define PROVISOR_LISTENER_VERSION 2

/* A name and its value.  A pair whose name is NULL ends a list of pairs. */
struct provisor_pair {
	const char *name;
	const char *value;
};

struct provisor_resource {
	const char *id;          /* the id that the marketplace has: yours, if
				    provision has returned one; unique among
				    the resources of an add-on */
	const char *uuid;        /* a unique id: 36 characters in lower case.
				    Usually it equals id */
	const char *marketplace; /* such as "heroku" */
	const char *addon;       /* the manifest's id */
	const char *plan;        /* the plan to have; in change_plan, the new
				    plan */
	const char *old_plan;    /* in change_plan, the present plan; else NULL
				  */
	const char *region;      /* the region to provision it in, or NULL */
	const char *name;        /* the marketplace's name for it, or NULL */
	const struct provisor_pair *options; /* chosen by the customer */
	const struct provisor_pair *owner;   /* the customer, as far as the
						marketplace has named them */
	const struct provisor_pair *config;  /* its present config vars */
	const char *log_input_url; /* where it can write logs, or NULL */

	/* Since version 2: */
	const char *log_drain_token; /* tells whose logs arrive at a log drain,
					or NULL */
	const char *callback_url; /* of the marketplace's API for it, or NULL */
	const char *logplex_token; /* of older APIs, for its app's log, or NULL
				    */
	const char *state;         /* "provisioning", "provisioned", ...
				      "suspended": its plan may change, but it
				      must stay out of use until resume */
};

/* In sign_on: the customer who signs on.  Each member may be NULL. */
struct provisor_user {
	const char *id;
	const char *email;
	const char *app;
};

/* How to call the marketplace's API about the resource. */
struct provisor_platform {
	const char *url;          /* such as "https://api.heroku.com" */
	const char *access_token; /* valid for this resource alone: never log
				     it */
	int64_t expires_at;       /* seconds since 1970 (UTC) */
};

struct provisor_call {
	const struct provisor_resource *resource;
	const struct provisor_user *user; /* in sign_on; else NULL */
	const char *key; /* identifies the call: equal in all its attempts */
	int attempt;     /* counts from 1 */
	int seconds; /* until the deadline, at the start of the call, rounded
			down */
	int64_t deadline; /* the same, in seconds since 1970 (UTC) */
	int overlap;      /* in rotate: for how many seconds the old credentials
			     must stay valid; else 0 */

	/* Since version 2, in sign_on; else 0 and NULL: */
	int is_signed; /* 1: the marketplace vouches for the user's id and
			  e-mail.  Otherwise neither is known */
	/* Further fields of the form, such as "action" and "context_app".
	 * Nobody vouches for them: the customer can alter them. */
	const struct provisor_pair *parameters;

	/* Since version 2, in restore: the resource that was deprovisioned; in
	 * move: the resource of another add-on; else NULL.  In a repeated call
	 * its config may be empty. */
	const struct provisor_resource *from;

	/* Since version 2, if settings.json has "platform": true; else NULL.
	 * Also NULL if the resource has no grant, or if its token cannot be
	 * renewed now: a function that needs it then returns PROVISOR_PENDING.
	 */
	const struct provisor_platform *platform;
};

/*
 * What a function returns in addition to its verdict.  All members are zero
 * when it is called.  Texts must stay valid until the process ends.
 */
struct provisor_answer {
	/* PROVISOR_DONE in provision, change_plan, rotate, restore and move:
	 * all config vars of the resource.  Their names must be in the
	 * manifest's config_vars.  NULL leaves the config vars unchanged; in
	 * move, it means those of from; in rotate and restore, it is an
	 * error. */
	const struct provisor_pair *config;

	/* PROVISOR_DONE, PROVISOR_REFUSED and, in provision, PROVISOR_PENDING:
	 * a sentence for the customer, or NULL. */
	const char *message;

	/* PROVISOR_DONE in provision and change_plan, if the manifest requires
	 * syslog_drain: the https:// or syslog:// URL that receives the
	 * customer's logs.  NULL leaves it unchanged; in provision it is an
	 * error. */
	const char *log_drain_url;

	/* PROVISOR_PENDING: the seconds until the next attempt, at most 3600.
	 * 0 leaves the choice to provisor. */
	int retry_after;

	/* PROVISOR_DONE in sign_on: where the browser is sent, an https:// URL
	 * or an absolute path of this host.  NULL sends it to the
	 * dashboard. */
	const char *redirect;

	/* PROVISOR_DONE in sign_on: values that the vendor's application gets
	 * with each request of this session, or NULL. */
	const struct provisor_pair *session;

	/* Since version 2: */

	/* PROVISOR_DONE and PROVISOR_PENDING in provision: an id of your own
	 * for the resource, of 1 to 255 characters.  No other resource of the
	 * add-on may have it, not even a former one.  It becomes resource.id in
	 * later calls, and marketplaces that address resources by the vendor's
	 * id use it.  NULL leaves the id that resource.id has.
	 *
	 * Once the marketplace knows an id, it stays: another one is not used,
	 * and the log says so. */
	const char *id;
};

enum provisor_verdict {
	/* The call is complete. */
	PROVISOR_DONE = 0,

	/* The listener declines.  The message becomes the response to a
	 * provision or a plan change, also when the marketplace repeats its
	 * request; after a sign-on the customer sees it on a page.  A
	 * deprovision, a suspend and a resume cannot be declined: they wait for
	 * an operator. */
	PROVISOR_REFUSED = 1,

	/* The work has begun and is not complete.  The call is repeated, except
	 * sign_on. */
	PROVISOR_PENDING = 2,

	/* The call has failed.  It is repeated at growing intervals, except
	 * sign_on. */
	PROVISOR_FAILED = 3,

	/* The call has failed, and a repeated call would fail too.  A provision
	 * is refused, and deprovision is called to clean up.  A plan change, a
	 * rotation, a restore and a move are refused.  All others wait for an
	 * operator. */
	PROVISOR_FAILED_FOR_GOOD = 4
};

/* Handle one call.  *answer is zeroed; fill in what the verdict allows. */
typedef enum provisor_verdict
provisor_function(const struct provisor_call *call,
		  struct provisor_answer *answer);

/*
 * The type of the symbol provisor_listener, which listener.so must define.
 *
 * A function may be NULL.  Its calls then get the result that is given in its
 * comment.
 */
struct provisor_listener {
	unsigned int version;           /* PROVISOR_LISTENER_VERSION */
	provisor_function *provision;   /* create a resource; never NULL */
	provisor_function *change_plan; /* change its plan; NULL: refused */
	provisor_function *deprovision; /* remove it; NULL: done */
	provisor_function *sign_on;     /* a customer signs on; NULL: done */
	/* Create new credentials.  The old ones must stay valid for overlap
	 * seconds, until the customer's applications have restarted with the
	 * new ones, and be revoked after that.  NULL: refused. */
	provisor_function *rotate;

	/* Since version 2: */
	/* Take the resource out of use without losing anything, for example so
	 * that nobody can connect to it.  NULL: done. */
	provisor_function *suspend;
	/* Put a suspended resource into use again, with its present plan and
	 * the credentials of config.  NULL: done. */
	provisor_function *resume;
	/* Give resource the content that from had before it was deprovisioned,
	 * in place of its own, and return all config vars.  From then on
	 * everything belongs to resource: deprovision is called for it alone.
	 * NULL: refused. */
	provisor_function *restore;
	/* Give resource what from has, which belongs to another add-on or
	 * marketplace.  From then on everything belongs to resource, and
	 * deprovision is not called for from.  If the state of resource is
	 * "provisioning", the resource has nothing of its own and the id of
	 * from; NULL: done.  Otherwise provision has been called for it: put
	 * the content of from in place of its own; NULL: refused. */
	provisor_function *move;
};

extern const struct provisor_listener provisor_listener;

#ifdef __cplusplus
}
#endif

#endif
