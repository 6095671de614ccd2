/*
 * unanswered.h - requests that may or may not have taken effect.
 *
 * With a template, one statement carries out a create or a plan change.  If the
 * connection breaks before its reply, the marketplace gets 503, and its
 * customer may not try again: then what has taken effect must be undone.
 * (With hooks or a library, the statement has stored a job, which does that.)
 *
 * The process remembers such a request, looks for its effect as soon as the
 * database responds again, and queues a job that asks the marketplace.  Nothing
 * is stored for requests whose outcome is known.  If the process is killed
 * before the database responds, the request is forgotten: provisor reconcile
 * finds the difference.
 */
#ifndef LIB_PROVIDER_UNANSWERED_H
#define LIB_PROVIDER_UNANSWERED_H

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct provider;
struct provider_call;

/* Remember the call after a statement that writes event, unless it is certain
 * that the statement had no effect.  plan is that of a plan change, or NULL.
 * Return outcome. */
MUST_CHECK enum outcome
provider_note_unanswered(struct provider *provider,
			 const struct provider_call *call, enum outcome outcome,
			 const char *event, const char *plan);

/* Look for the effects of remembered requests.  This takes a second at most.
 * Call it between requests. */
void provider_resolve_unanswered(struct provider *provider);

/* Do so for the last time, and log which requests remain. */
void provider_forget_unanswered(struct provider *provider);

#endif
