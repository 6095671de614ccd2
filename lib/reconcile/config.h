/*
 * config.h - compares the config vars of a resource with the marketplace's.
 */
#ifndef LIB_RECONCILE_CONFIG_H
#define LIB_RECONCILE_CONFIG_H

#include "lib/reconcile/one_resource.h"

/*
 * Compare the stored config vars of the item's resource with those in list, the
 * marketplace's response to PLATFORM_READ_CONFIG, and report differences by
 * name.  Config vars that the manifest does not declare are ignored.  If the
 * run repairs, run->config decides what is done:
 *
 * RECONCILE_CONFIG_OURS    a job sends ours, and unsets the others there
 * RECONCILE_CONFIG_THEIRS  theirs are stored here, with an event; ours that the
 *                          marketplace does not have stay
 *
 * The customer's app uses the marketplace's values.  Return false if ours
 * cannot be opened.
 */
MUST_CHECK bool reconcile_compare_config(struct reconcile_item *item,
					 const struct json *list);

#endif
