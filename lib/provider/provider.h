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
struct file_watch;
struct json;
struct platform;
struct sealing_keys;
struct settings;

struct provider {
	const struct settings *settings;
	struct db *db;
	struct sealing_keys *keys;
	struct platform *platform; /* NULL before provider_open_platform() */
	struct addons *addons;
	struct findings keys_findings; /* of the last reading of the keys */
	struct file_watch *keys_watch;
	int64_t findings_logged_at; /* of clock_now() */
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

/* Prepare for calls of marketplaces; nothing is sent yet. */
void provider_open_platform(struct provider *provider);

/* Read homes and keys again if they have changed.  If the new version is not
 * valid, the old one stays in force.  Call this before each request. */
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

	/* Set by the use case. */
	char claim[UUID_LENGTH + 1]; /* the id of its claims; "": none yet */
	const char *complaint;       /* a sentence about a failure, or NULL */
	const char *resource_id;     /* our id, for the log, or NULL */
	bool is_repeat;              /* the request was carried out earlier */
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
 * OUTCOME_NOT_FOUND    the id is unknown
 * OUTCOME_GONE         it was deprovisioned
 * OUTCOME_INVALID      the plan does not exist, the change is not allowed, the
 *                      listener refuses it, or the resource is not provisioned
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

/* Deprovision the resource with our id in the same way.  Return OUTCOME_GONE
 * also if the id is unknown. */
MUST_CHECK enum outcome provider_deprovision_id(struct provider *provider,
						struct provider_call *call,
						const char *id);

/* How the marketplace gets changed config vars. */
enum provider_config_effect {
	PROVIDER_CONFIG_UNCHANGED,  /* it has them */
	PROVIDER_CONFIG_PUSHED,     /* a job pushes them */
	PROVIDER_CONFIG_NOT_PUSHED, /* the response to its next request has
				       them: it cannot be called about this
				       resource */
	PROVIDER_CONFIG_ROTATING    /* a job calls the listener and pushes them
				     */
};

/*
 * Set config vars of a resource, whose id is ours.  changes is an object of
 * texts; null unsets a name.  Config vars that a listener returns later replace
 * them.
 *
 * OUTCOME_NOT_FOUND    the id is unknown
 * OUTCOME_GONE         it was deprovisioned
 * OUTCOME_INVALID      answer_rules.h refuses a config var, or the resource is
 *                      not provisioned
 * OUTCOME_UNAVAILABLE  as above, or another change is under way
 */
MUST_CHECK enum outcome
provider_set_config(struct provider *provider, struct provider_call *call,
		    const char *id, const struct json *changes,
		    enum provider_config_effect *effect);

/* Replace the credentials of a resource, whose id is ours.  The old ones stay
 * valid for overlap seconds.  The outcomes are those above; OUTCOME_INVALID
 * also means that the listener cannot rotate. */
MUST_CHECK enum outcome provider_rotate(struct provider *provider,
					struct provider_call *call,
					const char *id, int overlap,
					enum provider_config_effect *effect);

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
