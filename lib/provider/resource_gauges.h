/*
 * resource_gauges.h - the numbers of resources, among the gauges of gauges.h.
 */
#ifndef LIB_PROVIDER_RESOURCE_GAUGES_H
#define LIB_PROVIDER_RESOURCE_GAUGES_H

#include <stdio.h>

struct arena;
struct provider;

/* Write the numbers of resources by state, and by plan and state.  Counting
 * them reads an index of all resources, so the last count is written again for
 * a minute, or a hundred times what it took. */
void resource_gauges_write(FILE *out, struct provider *provider,
			   struct arena *arena);

#endif
