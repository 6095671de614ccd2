/*
 * provider.h - the use cases: the requests of marketplaces and operators.
 *
 * The caller has read and authenticated the request.  Every
 * response can be repeated: a request that comes twice, late, or after its
 * response was lost has the same effect as one.
 */
#ifndef LIB_PROVIDER_PROVIDER_H
#define LIB_PROVIDER_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/findings.h"
#include "lib/base/outcome.h"
#include "lib/dialect/dialect.h"
#include "lib/text/uuid.h"

struct addon;
struct addons;
struct arena;
struct db;
struct file_notice;
struct file_watch;
struct json;
struct missing_homes;
struct platform;
struct sealing_keys;
struct settings;
struct unanswered;

struct provider {
	const struct settings *settings;
	struct db *db;
	struct sealing_keys *keys;
	struct platform *platform; /* NULL before provider_open_platform() and,
				      in a worker, before a listener needs a
				      token */
	struct addons *addons;
	struct findings keys_findings; /* of the last reading of the keys */
	struct file_watch *keys_watch;
	struct file_notice *notice; /* of all these files; NULL before the first
				       provider_refresh() */
	bool keys_are_compared;     /* with the fingerprints in the database */
	int64_t next_compare_at;    /* of clock_now() */
	int64_t findings_logged_at; /* of clock_now() */
	int64_t epoch_watched_at;   /* of clock_now(); 0: never */
	int64_t next_clock_watch_at; /* of clock_now() */
	int64_t next_probe_at;       /* of readiness.h; of clock_now() */
	char *resource_counts;       /* of resource_gauges.h; NULL: none yet */
	int64_t next_count_at;       /* of clock_now() */
	unsigned int searches;       /* of provider_run_due_job() */
	int64_t next_removal_at;     /* of provider_remove_old(); clock_now() */

	struct unanswered *unanswered; /* of unanswered.h */
	int64_t next_resolve_at;       /* of clock_now() */

	/* Of missing_homes.h; NULL: not known. */
	struct missing_homes *missing_homes;
	struct arena *missing_homes_arena;
	int64_t next_homes_at; /* of clock_now() */
};

/*
 * Open the database, the keys and the homes that settings names; settings is
 * borrowed until provider_close().  The first statement connects to the
 * database.  Problems are logged.  An add-on whose home is not valid is open
 * too, and its use cases return OUTCOME_UNAVAILABLE.
 *
 * Return false, with nothing to close, if the keys cannot be used or no add-on
 * is valid.
 */
MUST_CHECK bool provider_open(struct provider *provider,
			      const struct settings *settings);
void provider_close(struct provider *provider);

/* Prepare for calls to marketplaces, unless that is done; nothing is sent yet.
 */
void provider_open_platform(struct provider *provider);

/* Read homes and keys again if they have changed, as far as file_notice.h finds
 * out.  If the new version is not valid, the old one stays in force.  Call this
 * before each request. */
void provider_refresh(struct provider *provider);

/* Log the problems of homes and keys again, at most once a minute.  Call this
 * after each request. */
void provider_log_findings(struct provider *provider);

/* Set the deadline of all further database calls, a time of clock_now(). */
void provider_set_deadline(struct provider *provider, int64_t deadline);

/* Return the ms spent in database calls since provider_set_deadline(). */
int64_t provider_database_ms(const struct provider *provider);

/* One request of a marketplace or of an operator. */
struct provider_call {
	struct arena *arena;
	const struct addon *addon;
	const char *request_id;
	const char *actor; /* for the event; NULL: the marketplace */
	int64_t deadline;  /* when the response must be ready (clock_now()) */
	int64_t listen_until; /* when a listener must end (clock_now()) */
	/* The call is not repeated, so provisor-jobs continues a plan change
	 * that is not finished instead of undoing it. */
	bool keeps;

	/* Set by the use case. */
	char claim[UUID_LENGTH + 1]; /* the id of its claims; "": none yet */
	bool has_place;              /* of pool_share.h */
	int place;                   /* its descriptor, or -1 */
	const char *failure;         /* a sentence for the customer, or NULL */
	const char *reason;          /* a word for the log, or NULL */
	const char *resource_id;     /* our id, for the log, or NULL */
	bool is_repeat;              /* the request was carried out earlier */
	bool is_left_to_job; /* OUTCOME_UNAVAILABLE, and a job continues or
				undoes the work */
};

/*
 * Provision a resource.  A repeated request gets the first response again, with
 * the present config.
 *
 * OUTCOME_ACCEPTED     a job provisions it and notifies the marketplace
 * OUTCOME_GONE         it was deprovisioned, for good
 * OUTCOME_INVALID      the plan does not exist, the request contradicts the
 *                      first one, or the listener has refused it
 * OUTCOME_UNAVAILABLE  the database or the listener does not respond, or the
 *                      resource is not ready yet
 */
MUST_CHECK enum outcome
provider_provision(struct provider *provider, struct provider_call *call,
		   const struct provision_request *request,
		   struct dialect_response *response);

/*
 * Change the plan of a resource, whose id is the marketplace's.  A change to
 * the present plan changes nothing.  The response has all config vars.
 *
 * OUTCOME_ACCEPTED     a job changes it, and sends the config vars
 * OUTCOME_NOT_FOUND    the id is unknown
 * OUTCOME_GONE         it was deprovisioned
 * OUTCOME_INVALID      the plan does not exist, the change is not allowed, the
 *                      listener refuses it, the resource is not provisioned, or
 *                      a promised change to another plan is under way
 * OUTCOME_UNAVAILABLE  as above
 */
MUST_CHECK enum outcome provider_change_plan(struct provider *provider,
					     struct provider_call *call,
					     const char *id, const char *plan,
					     struct dialect_response *response);

/*
 * Deprovision a resource, whose id is the marketplace's, even if other work is
 * under way.  A job cleans up what the listener has created.
 *
 * OUTCOME_GONE         it was deprovisioned before; or its id is unknown, and
 *                      the dialect requires a tombstone, which now exists
 * OUTCOME_NOT_FOUND    the id is unknown
 * OUTCOME_UNAVAILABLE  as above
 */
MUST_CHECK enum outcome provider_deprovision(struct provider *provider,
					     struct provider_call *call,
					     const char *id);

/* Deprovision the resource with our id in the same way.  If is_kept is false,
 * it is not kept, and if it is kept already, that ends now, unless it is being
 * restored.  Return OUTCOME_GONE also if the id is unknown. */
MUST_CHECK enum outcome provider_deprovision_id(struct provider *provider,
						struct provider_call *call,
						const char *id, bool is_kept);

/*
 * Give a provisioned resource the content of a kept one of the same add-on.
 * Both ids are ours.  A job calls the listener, stores the config vars that it
 * returns, and sends them to the marketplace; the kept resource is a tombstone
 * then.
 *
 * OUTCOME_NOT_FOUND    an id is unknown
 * OUTCOME_GONE         from is not kept any more
 * OUTCOME_INVALID      from is not kept, the resource is not provisioned or
 *                      belongs to another add-on, or the listener cannot
 *                      restore
 * OUTCOME_UNAVAILABLE  the database does not respond, the add-on has no valid
 *                      home, or the listener has something to do for one of
 *                      them
 */
MUST_CHECK enum outcome provider_restore(struct provider *provider,
					 struct provider_call *call,
					 const char *from, const char *id);

struct provider_move {
	const char *from; /* our id of the resource to move */
	const char *key;  /* an id of the resource that gets its content, at
			     the marketplace of the call's add-on; NULL: a
			     new one with the id of from */
	const char *plan; /* of a new resource; NULL: the plan of from */
};

/*
 * Move a resource to the call's add-on.  An add-on without a marketplace gets a
 * new resource, which keeps the id that the vendor knows; a marketplace must
 * have its resource already.  provisor-jobs calls the listener, stores the
 * config vars, and sends them to the marketplace.  From now on the moved
 * resource is RESOURCE_MOVED: when its marketplace deprovisions it, nothing is
 * cleaned up.  *target is our id of the resource that gets the content.
 * call->is_repeat is true if this was requested before.
 *
 * OUTCOME_NOT_FOUND    from is unknown
 * OUTCOME_GONE         from is deprovisioned
 * OUTCOME_INVALID      either is not in a state for this, the add-on does not
 *                      have the plan, the marketplace does not have the
 *                      resource, another resource has an id of the new one, or
 *                      the listener cannot move
 * OUTCOME_UNAVAILABLE  the database does not respond, the add-on has no valid
 *                      home, or a job has something to do for one of them
 */
MUST_CHECK enum outcome provider_move(struct provider *provider,
				      struct provider_call *call,
				      const struct provider_move *request,
				      const char **target);

/* How the marketplace gets changed config vars. */
enum provider_config_effect {
	PROVIDER_CONFIG_UNCHANGED,  /* it has them */
	PROVIDER_CONFIG_PUSHED,     /* a job pushes them */
	PROVIDER_CONFIG_NOT_PUSHED, /* the response to its next request has
				       them: it cannot be called about this
				       resource */
	PROVIDER_CONFIG_ROTATING,   /* a job calls the listener and pushes them
				     */
	PROVIDER_CONFIG_UNREADABLE  /* nothing is changed: no key opens the
				       stored values */
};

/*
 * Set config vars of a resource, whose id is ours.  changes is an object of
 * strings; null unsets a name.  Config vars that a listener returns later
 * replace them.
 *
 * OUTCOME_NOT_FOUND    the id is unknown
 * OUTCOME_GONE         it was deprovisioned
 * OUTCOME_INVALID      answer_rules.h refuses a config var, or the resource is
 *                      not provisioned
 * OUTCOME_UNAVAILABLE  as above; another change is under way; or
 *                      PROVIDER_CONFIG_UNREADABLE
 */
MUST_CHECK enum outcome
provider_set_config(struct provider *provider, struct provider_call *call,
		    const char *id, const struct json *changes,
		    bool replaces_unreadable,
		    enum provider_config_effect *effect);

/* Replace the credentials of a resource, whose id is ours.  The old ones stay
 * valid for overlap seconds.  The outcomes are those above; OUTCOME_INVALID
 * also means that the listener cannot rotate. */
MUST_CHECK enum outcome provider_rotate(struct provider *provider,
					struct provider_call *call,
					const char *id, int overlap,
					bool replaces_unreadable,
					enum provider_config_effect *effect);

/* Notice a new epoch of the database (store/epoch.h), at most once a minute,
 * and log while it is not accepted. */
void provider_watch_epoch(struct provider *provider, struct arena *arena);

/* Notice that another host of the connection string has taken over as primary,
 * also if this host is still connected to the old one
 * (db_look_for_successor()). */
void provider_watch_failover(struct provider *provider, struct arena *arena);

/* Correct the times of jobs if the database's clock was set back, and log how
 * many, at most once in ten seconds. */
void provider_watch_clock(struct provider *provider, struct arena *arena);

/* Remove finished jobs, events and used tokens that are old, if that is due: up
 * to a thousand of each.  A failure is logged, and the removal is tried
 * again. */
void provider_remove_old(struct provider *provider, struct arena *arena);

/* Set how long the rows of each enum retention_subject are kept, in ms; 0:
 * forever. */
void provider_keep_times(const struct provider *provider, int64_t keep[]);

/* ms after the limit of a job, for a late hook to end and for storing the
 * result. */
enum { PROVIDER_JOB_GRACE = 7000 };

/*
 * Carry out one job that is due.  A listener may take limit ms, and the whole
 * job PROVIDER_JOB_GRACE ms more.  *found is false if no job is due.
 *
 * OUTCOME_UNAVAILABLE  the database does not respond, or the job is due again
 */
MUST_CHECK enum outcome provider_run_due_job(struct provider *provider,
					     struct arena *arena, int64_t limit,
					     bool *found);

#endif
