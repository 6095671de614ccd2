/*
 * gauges.h - the metrics that are measured at each scrape.
 *
 * They show the present state of the database, of the hooks pool and of the
 * add-ons' homes.
 */
#ifndef LIB_PROVIDER_GAUGES_H
#define LIB_PROVIDER_GAUGES_H

struct arena;
struct provider;

/*
 * Return the gauges in the text format of Prometheus.  If the database does not
 * respond within 3 s, those that it has the values of are missing, and
 * provisor_database_up is 0.  provisor_hooks_up is missing if no add-on
 * has code.  The number of resources may be a minute old.
 */
const char *provider_gauges(struct provider *provider, struct arena *arena);

#endif
