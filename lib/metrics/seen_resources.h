/*
 * seen_resources.h - remembers the resources that processes of this host have
 * recently created or found.
 *
 * A request to create one of them is a repeated one.  Looking for the resource
 * first is then cheaper than trying to create it; for all other requests, the
 * opposite is true.
 *
 * An entry is only a hint: it may be missing, because the host was restarted,
 * another host created the resource, or many were seen since; and its resource
 * may not exist.
 */
#ifndef LIB_METRICS_SEEN_RESOURCES_H
#define LIB_METRICS_SEEN_RESOURCES_H

#include <stdbool.h>

#include "lib/base/base.h"

/* Return whether the resource that the marketplace calls key was seen.  Without
 * a file of metrics.h, none was. */
MUST_CHECK bool seen_resource_has(const char *marketplace, const char *addon,
				  const char *key);

void seen_resource_add(const char *marketplace, const char *addon,
		       const char *key);

#endif
