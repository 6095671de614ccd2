/*
 * notification.h - what a marketplace reports about its resources.
 *
 * Notifications come again and in any order.  Each takes effect once, and one
 * that is older than another of the same subject has none: a suspension that is
 * repeated after a resumption suspends nothing.
 */
#ifndef LIB_PROVIDER_NOTIFICATION_H
#define LIB_PROVIDER_NOTIFICATION_H

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct dialect_notification;
struct provider;
struct provider_call;

/*
 * Store what the marketplace reports and carry it out, for each resource that
 * it names.  What cannot be carried out, such as a change to a plan that does
 * not exist, is logged for the operator, since a repeated notification would
 * not change that; so is an unknown id.
 *
 * OUTCOME_INVALID      its time is in the future
 * OUTCOME_UNAVAILABLE  not all of it is stored and carried out: the database
 *                      does not respond or may have lost a resource, a resource
 *                      is still being provisioned, or time has run out.  A
 *                      repeated notification continues.
 */
MUST_CHECK enum outcome
provider_notify(struct provider *provider, struct provider_call *call,
		const struct dialect_notification *notification);

#endif
