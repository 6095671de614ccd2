#include "lib/provider/readiness.h"

#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/db/migrate.h"
#include "lib/provider/provider.h"

static const char *judge_database_readiness(struct provider *provider,
					    struct arena *arena, bool *is_ready)
{
	int missing = 0;
	enum outcome outcome =
		migrate_count_missing(provider->db, arena, &missing);

	*is_ready &= outcome == OUTCOME_OK && missing <= 0;
	if (outcome != OUTCOME_OK)
		return "away";
	return missing <= 0 ? "ok" : "not migrated: run provisor migrate";
}

static const char *judge_addons_readiness(const struct addons *addons,
					  struct arena *arena, bool *is_ready)
{
	int invalid = addons->count - addons_count_valid(addons);

	*is_ready &= invalid == 0 && addons->unreadable == 0;
	if (invalid > 0)
		return arena_printf(arena,
				    "%d of %d invalid: the log says which and "
				    "why",
				    invalid, addons->count);
	if (addons->unreadable > 0)
		return "not all can be read: the log says why";
	return addons->findings.errors == 0
		? "ok"
		: "ok as they were; a change cannot be taken up: the log says "
		  "which and why";
}

static const char *judge_keys_readiness(const struct provider *provider)
{
	return provider->keys_findings.errors == 0
		? "ok"
		: "ok as they were; a change cannot be taken up: the log says "
		  "why";
}

struct provider_readiness provider_judge_readiness(struct provider *provider,
						   struct arena *arena)
{
	struct provider_readiness readiness = { .is_ready = true };

	readiness.database =
		judge_database_readiness(provider, arena, &readiness.is_ready);
	readiness.addons = judge_addons_readiness(provider->addons, arena,
						  &readiness.is_ready);
	readiness.keys = judge_keys_readiness(provider);
	return readiness;
}
