/*
 * lost.h - finds what the marketplace has and is not kept.
 *
 * A marketplace lists what a resource's token can see, which may be that
 * resource alone, all of an app, or all that the vendor has sold.
 */
#ifndef LIB_RECONCILE_LOST_H
#define LIB_RECONCILE_LOST_H

#include "lib/reconcile/one_resource.h"

/* What was seen so far; the caller ends it. */
struct reconcile_seen *reconcile_seen_create(void);
void reconcile_seen_destroy(struct reconcile_seen *seen);

/* Why the last list could not be read; NULL: it could.  It lives as long as
 * seen. */
const char *reconcile_seen_doubt(const struct reconcile_seen *seen);

/*
 * Look for what is lost with the token of c's resource, unless another token
 * has seen that resource, and so what there is beside it.  What is found is
 * told, counted, and with repairs taken in: with the plan and the config it
 * has there, and a job that tries to get a token for it.
 *
 * Where the marketplace does not list all, c->r->blind tells why.  False when
 * it was not asked.
 */
bool reconcile_look_for_lost(struct reconcile_case *c);

#endif
