/*
 * provider.h - what the vendor does when a marketplace asks for it.
 *
 * The use cases: provision, change plan, deprovision.  They are given requests
 * that were read and authenticated, and make every answer repeatable: the same
 * request again, late, lost or overtaken, has the same effect as once.
 */
#ifndef LIB_PROVIDER_PROVIDER_H
#define LIB_PROVIDER_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/dialect/dialect.h"
#include "lib/base/findings.h"
#include "lib/base/outcome.h"
#include "lib/text/uuid.h"

struct addon;
struct addons;
struct arena;
struct settings;
struct db;
struct json;
struct platform;
struct sealing_keys;
struct file_watch;

struct provider {
	const struct settings *settings;
	struct db *db;
	struct sealing_keys *keys;
	struct platform *platform; /* NULL before provider_open_platform() */
	struct addons *addons;
	struct findings keys_findings; /* when they were last read */
	struct file_watch *keys_watch;
	int64_t reminded_at;
};

/*
 * Open all that settings names, which is borrowed until provider_close().  The
 * database is not asked for yet.  What is wrong goes to the log.  False, when
 * there are no usable keys or there is no valid add-on; then nothing is to be
 * closed.  An add-on that is not valid is answered 503.
 */
bool provider_open(struct provider *provider, const struct settings *settings);
void provider_close(struct provider *provider);

/* Prepare for calls of marketplaces; nothing is sent yet. */
void provider_open_platform(struct provider *provider);

/* Take up homes and keys that have changed; to be called before each request.
 * What is broken now stays as it was. */
void provider_refresh(struct provider *provider);

/* Log once a minute what is wrong with keys and homes; to be called after each
 * request. */
void provider_remind(struct provider *provider);

/* From now on no database call outlasts this moment of clock_now(). */
void provider_set_deadline(struct provider *provider, int64_t deadline);

/* Milliseconds spent in database calls since provider_set_deadline(). */
int64_t provider_database_ms(const struct provider *provider);

/* One call of a marketplace, or of an operator in its stead. */
struct provider_call {
	struct arena *arena;
	const struct addon *addon; /* who calls */
	const char *request_id;
	const char *actor;    /* for the event; NULL: addon's marketplace */
	int64_t deadline;     /* clock_now() when the answer must be there */
	int64_t listen_until; /* clock_now() when a listener must end */
	char claim[UUID_LENGTH + 1]; /* set when a job is claimed: its id */
	const char *complaint; /* set on failure: a sentence for the customer */
	const char *resource_id; /* set when known: ours, for the log */
	bool is_repeat;          /* set when nothing was left to do */
};

/*
 * Provision what is wanted, or answer as before if it was.
 *
 * OUTCOME_ACCEPTED     it will be there: a job goes on, and tells the
 *                      marketplace when it is
 * OUTCOME_GONE         it was deprovisioned, and stays so
 * OUTCOME_INVALID      no such plan, it contradicts the first request, or the
 *                      listener has refused it
 * OUTCOME_UNAVAILABLE  the database or the add-on's listener is away, or the
 *                      resource is not ready yet
 */
enum outcome provider_provision(struct provider *provider,
				struct provider_call *call,
				const struct provision_request *wanted,
				struct dialect_response *answer);

/*
 * Change the plan of the resource that the marketplace calls id; the plan it
 * has already is no change.  The answer holds its whole current config.
 *
 * OUTCOME_NOT_FOUND    never seen
 * OUTCOME_GONE         deprovisioned
 * OUTCOME_INVALID      no such plan, not allowed from the present one, refused
 *                      by the listener, or the resource is not ready for it
 * OUTCOME_UNAVAILABLE  as above
 */
enum outcome provider_change_plan(struct provider *provider,
				  struct provider_call *call, const char *id,
				  const char *plan,
				  struct dialect_response *answer);

/*
 * Deprovision the resource that the marketplace calls id.  It wins over
 * whatever else is under way; what the listener has to clean up is a job.
 *
 * OUTCOME_GONE         it already was; or, where the dialect says so, it was
 *                      never seen, and a tombstone now keeps it from coming
 * OUTCOME_NOT_FOUND    never seen
 * OUTCOME_UNAVAILABLE  as above
 */
enum outcome provider_deprovision(struct provider *provider,
				  struct provider_call *call, const char *id);

/*
 * Deprovision the resource whose id is ours, on behalf of call->actor.
 * OUTCOME_GONE and OUTCOME_UNAVAILABLE as above.
 */
enum outcome provider_remove(struct provider *provider,
			     struct provider_call *call, const char *id);

/* What is to become of a change of config vars. */
enum provider_news {
	PROVIDER_UNCHANGED, /* they were so already */
	PROVIDER_TELLS,     /* a job tells the marketplace */
	PROVIDER_ANSWERS,   /* it learns with its next request: it cannot be
			       called about this resource */
	PROVIDER_ROTATES    /* a job has the listener make them, and tells */
};

/*
 * Give the resource whose id is ours other config vars, on behalf of
 * call->actor: changes is an object of texts, and of null for what is to be
 * taken away.  What a listener answers later takes their place.
 *
 * OUTCOME_NOT_FOUND    there is no such resource
 * OUTCOME_GONE         deprovisioned
 * OUTCOME_INVALID      a name is not declared, or the resource is not ready
 * OUTCOME_UNAVAILABLE  as above, or another change is under way
 */
enum outcome provider_set_config(struct provider *provider,
				 struct provider_call *call, const char *id,
				 const struct json *changes,
				 enum provider_news *news);

/*
 * Have new credentials made for it, the old ones staying good for overlap
 * seconds.  As above; OUTCOME_INVALID also where the add-on cannot do that.
 */
enum outcome provider_rotate(struct provider *provider,
			     struct provider_call *call, const char *id,
			     int overlap, enum provider_news *news);

/* Milliseconds for a hook to end that is late, and for its result to be stored.
 */
enum { PROVIDER_WORK_GRACE = 7000 };

/*
 * Carry out the job that is due the longest, if one is; a listener may take
 * limit milliseconds, and all of it PROVIDER_WORK_GRACE more.  *found tells
 * whether there was one.
 *
 * OUTCOME_UNAVAILABLE  the database is away
 */
enum outcome provider_work(struct provider *provider, struct arena *arena,
			   int64_t limit, bool *found);

#endif
