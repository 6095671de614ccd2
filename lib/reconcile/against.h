/*
 * against.h - compares our resources with the marketplace's list in a file, for
 * reconcile.c.
 */
#ifndef LIB_RECONCILE_AGAINST_H
#define LIB_RECONCILE_AGAINST_H

#include <stdint.h>

#include "lib/reconcile/one_resource.h"

/* Compare the item's resource, which was created at created_at, in seconds
 * since 1970, and note and repair differences.  Return why it cannot be
 * compared, or NULL. */
MUST_CHECK const char *reconcile_compare_with_list(struct reconcile_item *item,
						   int64_t created_at);

/*
 * Report and count the resources of the list that are provisioned at the
 * marketplace and not here.  If run->repairs is true, and the marketplace gives
 * another grant for one that is unknown here, import it with the config vars
 * that it has there.
 */
MUST_CHECK enum outcome reconcile_find_listed(struct reconcile *run);

#endif
