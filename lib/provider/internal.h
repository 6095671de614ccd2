/*
 * internal.h - what the use cases of provider.h share among themselves.
 */
#ifndef LIB_PROVIDER_INTERNAL_H
#define LIB_PROVIDER_INTERNAL_H

#include "lib/provider/provider.h"
#include "lib/store/resource.h"

struct job;
struct job_claim;

/* Set the complaint, and pass outcome on. */
enum outcome provider_fail(struct provider_call *call, enum outcome outcome,
			   const char *complaint);

/* Whoever loses a race looks again: each time somebody else has won. */
bool provider_has_time(const struct provider_call *call);

struct resource_actor provider_actor(const struct provider_call *call);

/* resource_find() among the resources of the call's add-on. */
enum outcome provider_find(struct provider *provider,
			   struct provider_call *call, const char *id,
			   bool is_key, struct resource *resource, bool *found);

/*
 * The ids of a new resource.  The marketplace's uuid is ours too, unless it
 * already is that of a resource of another add-on.
 */
void provider_choose_ids(struct provider_call *call, struct resource *resource,
			 const char *key, bool is_taken);

/* The answer that stands in the database. */
enum outcome provider_answer_kept(struct provider *provider,
				  struct provider_call *call,
				  const struct resource *resource,
				  const char *message,
				  struct dialect_response *answer);

/*
 * Tell the customer, in the log of the app, what has become of a resource;
 * where the add-on asks for that, and there is such a log.  It is a line and no
 * more: nothing waits for it, and nothing fails with it.
 */
void provider_tell(struct provider *provider, struct arena *arena,
		   const struct addon *addon, const struct resource *resource,
		   const char *line);

/* ---- work in hand ---- */

/* A claim that lasts as long as the listener may take within this call; what
 * it leaves behind is due when the marketplace has had time to repeat.  A call
 * always claims under the same id, and so finds what it has claimed when a
 * connection broke in between. */
struct job_claim provider_claim(const struct provider *provider,
				struct provider_call *call);

/* Carry out a claimed job for a call that waits for it.  The answer lacks its
 * id. */
enum outcome provider_fulfil(struct provider *provider,
			     struct provider_call *call,
			     const struct resource *resource,
			     const struct job *job, bool may_promise,
			     struct dialect_response *answer);

/*
 * Wait a moment for somebody else who is at it.  False when that has been long
 * enough: waited counts what was, from 0.
 */
bool provider_wait(const struct provider_call *call, int64_t *waited);

#endif
