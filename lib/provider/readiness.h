/*
 * readiness.h - checks whether this process can serve requests.
 */
#ifndef LIB_PROVIDER_READINESS_H
#define LIB_PROVIDER_READINESS_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct provider;

/*
 * Each text is "ok", which a warning may follow, or describes the problem.
 *
 * A file on disk that is invalid and therefore not in force is a warning: this
 * process serves with the previous version, and a new one would not.
 */
struct provider_readiness {
	bool is_ready;
	const char *settings;
	const char *database;
	const char *addons;
	const char *keys;
};

/* Have the database write, if that has failed on this host, and otherwise now
 * and then.  Return OUTCOME_UNAVAILABLE if it cannot; metrics_write_trouble()
 * then returns the reason. */
MUST_CHECK enum outcome provider_probe_writes(struct provider *provider,
					      struct arena *arena);

/* Check the present state of the database, and of the settings file, the
 * add-ons' homes and the keys file on disk. */
struct provider_readiness provider_judge_readiness(struct provider *provider,
						   struct arena *arena);

/* Return "ok" if the hooks pool answers, or why it does not.  Return NULL if no
 * add-on has code. */
const char *provider_judge_hooks(const struct provider *provider,
				 struct arena *arena);

/* Return "ok", or a warning that names one of the listeners that fail call
 * after call.  The host stays ready, because they would fail on another one
 * too. */
const char *provider_judge_calls(const struct provider *provider,
				 struct arena *arena);

/* Return "ok", or a warning if provisor-jobs has run on this host and does not
 * run now. */
const char *provider_judge_jobs(void);

#endif
