/*
 * provisor/listener.h - what a vendor's own code is asked to do, in C.
 *
 * A listener makes, changes and removes the vendor's side of resources: a
 * database, a mailbox, an account.  Build it as a shared object that defines
 * provisor_listener, and put it into the add-on's home as listener.so:
 *
 *     cc -shared -fPIC -o listener.so mine.c
 *
 * Each call runs in a process of its own, as the pools' user, with the home as
 * its working directory, umask 077, and an environment that holds PATH, HOME
 * (the home) and LANG alone.  Nothing stays from one call to the next but what
 * the listener keeps outside; nothing needs to be freed.  What it writes to
 * standard error or output goes to provisor's log line by line.  A call that
 * outlasts its deadline gets SIGTERM, and SIGKILL 2 s later, with all processes
 * it has started; so does what a call leaves behind.  A crash, or an exit, is a
 * failure of this call alone.
 *
 * provisor-listener(3) has the limits of what is answered.
 *
 * Same id, same resource.  Whatever is killed or lost, the same call comes
 * again: with the same key, under the same id, attempt counting up.  A listener
 * must then finish what the attempt before began, or find it finished, rather
 * than make a second one.  Calls for one resource never overlap.
 *
 * Everything a call passes is borrowed, UTF-8, and never changes.
 */
#ifndef PROVISOR_LISTENER_H
#define PROVISOR_LISTENER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PROVISOR_LISTENER_VERSION 1

/* Lists of these end with one whose name is NULL. */
struct provisor_pair {
	const char *name;
	const char *value;
};

struct provisor_resource {
	const char *id;          /* as the marketplace was told; unique within
				    an add-on of a marketplace */
	const char *uuid;        /* unique everywhere: 36 characters, lower
				    case.  Most often the same as id */
	const char *marketplace; /* "heroku" */
	const char *addon;       /* the manifest's id */
	const char *plan;        /* to have: the one to change to */
	const char *old_plan;    /* to change_plan: the one it has; or NULL */
	const char *region;      /* or NULL */
	const char *name;        /* or NULL */
	const struct provisor_pair *options; /* as the customer gave them */
	const struct provisor_pair *owner;   /* who asked, as it was named */
	const struct provisor_pair *config;  /* config vars so far */
	const char *log_input_url;           /* or NULL */
};

/* Of sign_on alone: who comes.  Each may be NULL. */
struct provisor_user {
	const char *id;
	const char *email;
	const char *app;
};

struct provisor_call {
	const struct provisor_resource *resource;
	const struct provisor_user *user;
	const char *key; /* the same for each attempt at the same thing */
	int attempt;     /* from 1 */
	int seconds;     /* left when the call began, rounded down */
	int overlap;     /* to rotate: seconds for which the old credentials
			    must stay good; else 0 */
};

/* What came of it, beside the verdict.  All members are zero at first; texts
 * must stay valid until the process ends. */
struct provisor_answer {
	/* DONE: all config vars the resource has from now on, each declared in
	 * the manifest's config_vars; NULL: as they were. */
	const struct provisor_pair *config;
	/* DONE, REFUSED: a sentence for the customer, or NULL. */
	const char *message;
	/* DONE of provision and change_plan, where the manifest requires
	 * syslog_drain; NULL: as it was. */
	const char *log_drain_url;
	/* PENDING: seconds until the next attempt, at most 3600; 0: as provisor
	 * likes. */
	int retry_after;
	/* DONE of sign_on: where the browser goes; NULL: to the dashboard.
	 * session is told to the vendor's application with every request. */
	const char *redirect;
	const struct provisor_pair *session;
};

enum provisor_verdict {
	PROVISOR_DONE = 0,
	/* What the customer asked for cannot be had.  The marketplace is told
	 * so, with message, now and whenever it asks again. */
	PROVISOR_REFUSED = 1,
	/* Begun, and not ready yet: the same call comes again. */
	PROVISOR_PENDING = 2,
	/* It went wrong, and may go well the next time. */
	PROVISOR_FAILED = 3,
	/* It went wrong, and no repetition will help: an operator must. */
	PROVISOR_FAILED_FOR_GOOD = 4
};

typedef enum provisor_verdict
provisor_function(const struct provisor_call *call,
		  struct provisor_answer *answer);

/* Symbol provisor_listener of listener.so. */
struct provisor_listener {
	unsigned int version;           /* PROVISOR_LISTENER_VERSION */
	provisor_function *provision;   /* never NULL */
	provisor_function *change_plan; /* NULL: plans cannot be changed */
	provisor_function *deprovision; /* NULL: there is nothing to remove */
	provisor_function *sign_on;     /* NULL: nothing to add to a sign-on */
	/* Make new credentials, and have the old ones go after overlap seconds:
	 * applications have them until then.  DONE needs config.  NULL: they
	 * cannot be rotated. */
	provisor_function *rotate;
};

extern const struct provisor_listener provisor_listener;

#ifdef __cplusplus
}
#endif

#endif
