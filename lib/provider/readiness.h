/*
 * readiness.h - whether this process can serve requests.
 */
#ifndef LIB_PROVIDER_READINESS_H
#define LIB_PROVIDER_READINESS_H

#include <stdbool.h>

struct arena;
struct provider;

/* Each text is "ok", which a warning may follow, or describes the problem. */
struct provider_readiness {
	bool is_ready;
	const char *database;
	const char *addons;
	const char *keys;
};

/* Check the present state of the database, the add-ons' homes and the keys. */
struct provider_readiness provider_judge_readiness(struct provider *provider,
						   struct arena *arena);

#endif
