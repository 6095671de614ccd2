/*
 * lost.h - finds resources that a marketplace has and we do not have.
 *
 * A marketplace lists all resources that a token can see.  These may be only
 * the token's own resource, all of an app, or all that the vendor has sold.
 */
#ifndef LIB_RECONCILE_LOST_H
#define LIB_RECONCILE_LOST_H

#include "lib/reconcile/one_resource.h"

/* Create an empty set of resources that were seen in lists.  The caller owns
 * it. */
MUST_CHECK struct reconcile_seen *reconcile_seen_create(void);
void reconcile_seen_destroy(struct reconcile_seen *seen);

/* Return why the last list could not be read, or NULL if it could be read.  The
 * text lives as long as seen. */
const char *reconcile_seen_failure(const struct reconcile_seen *seen);

/*
 * List what the token of the item's resource can see, and report and count lost
 * resources.  Nothing is listed if the list of another token has the item's
 * resource, because both see the same.  If run->repairs is true, import a lost
 * resource as reconcile_import() does.
 *
 * If the marketplace does not list everything, set run->no_list.  Return false
 * if the marketplace was not queried.
 */
MUST_CHECK bool reconcile_find_lost(struct reconcile_item *item);

/* Return the plan of the item's resource in a list that shows it as
 * provisioned, or NULL.  The list may be as old as the run. */
const char *reconcile_listed_plan(const struct reconcile_item *item);

/*
 * Import the resource that has this uuid at the marketplace, which describes it
 * as addon and config, and queue a job that gets a token for it.  Return what
 * to report as the repair, or NULL on failure.
 */
const char *reconcile_import(struct reconcile_item *item,
			     const struct json *addon,
			     const struct json *config, const char *uuid);

#endif
