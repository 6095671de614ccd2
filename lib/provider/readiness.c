#include "lib/provider/readiness.h"

#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/findings.h"
#include "lib/db/migrate.h"
#include "lib/db/write_probe.h"
#include "lib/dialect/dialect.h"
#include "lib/listener/failing_calls.h"
#include "lib/listener/listener.h"
#include "lib/metrics/metrics.h"
#include "lib/process/call_client.h"
#include "lib/provider/missing_homes.h"
#include "lib/provider/next_start.h"
#include "lib/provider/provider.h"
#include "lib/settings/settings.h"

enum {
	PROBE_EVERY = 30000,      /* ms between probes while writes work */
	HOOKS_ANSWER_LIMIT = 1000 /* ms for the hooks pool to answer */
};

static const char *const write_troubles[METRICS_WRITE_TROUBLES] = {
	[METRICS_WRITES_WORK] = "ok",
	[METRICS_NO_SPACE] = "writes fail: no space is left on its disk",
	[METRICS_READ_ONLY] = "writes fail: it is read-only",
	[METRICS_IO_ERROR] = "writes fail: its disk reports errors",
};

/* Another process may have recorded a failure.  Only a probe shows that writes
 * work again, because a host that is not ready may get no requests. */
enum outcome provider_probe_writes(struct provider *provider,
				   struct arena *arena)
{
	int64_t now = clock_now();
	bool can_write;
	enum outcome outcome;

	if (metrics_write_trouble() == METRICS_WRITES_WORK
	    && now < provider->next_probe_at)
		return OUTCOME_OK;
	outcome = write_probe(provider->db, arena, &can_write);
	if (outcome != OUTCOME_OK || !can_write)
		return OUTCOME_UNAVAILABLE;
	provider->next_probe_at = now + PROBE_EVERY;
	return OUTCOME_OK;
}

/* Report only a failure that concerns all writes, not, for example, a timeout.
 */
static const char *judge_writes(struct provider *provider, struct arena *arena,
				bool *is_ready)
{
	enum metrics_write trouble;

	if (provider_probe_writes(provider, arena) == OUTCOME_OK)
		return "ok";
	trouble = metrics_write_trouble();
	*is_ready &= trouble == METRICS_WRITES_WORK;
	return write_troubles[trouble];
}

static const char *judge_database_readiness(struct provider *provider,
					    struct arena *arena, bool *is_ready)
{
	int missing = 0;
	enum outcome outcome =
		migrate_count_missing(provider->db, arena, &missing);

	*is_ready &= outcome == OUTCOME_OK && missing <= 0;
	if (outcome != OUTCOME_OK)
		return "away";
	if (missing > 0)
		return "not migrated: run provisor migrate";
	return judge_writes(provider, arena, is_ready);
}

static const char *judge_addons_in_force(struct provider *provider,
					 struct arena *arena, bool *is_ready)
{
	const struct addons *addons = provider->addons;
	int invalid = addons->count - addons_count_valid(addons);

	*is_ready &= invalid == 0 && addons->unreadable == 0;
	if (invalid > 0)
		return arena_printf(arena, "%d of %d invalid", invalid,
				    addons->count);
	return addons->unreadable > 0 ? "not all can be read" : NULL;
}

static const char *judge_addons_readiness(struct provider *provider,
					  struct arena *arena, bool *is_ready)
{
	const char *error = findings_first_error(&provider->addons->findings);
	const char *problem = judge_addons_in_force(provider, arena, is_ready);

	if (problem && error)
		return arena_printf(arena, "%s: %s", problem, error);
	if (problem)
		return problem;
	if (error)
		return arena_printf(
			arena, "ok, but a change is not in force: %s", error);
	return provider_count_missing_homes(provider) > 0
		? "ok, but an add-on that has resources has no home on this "
		  "host: provisor check says which"
		: "ok";
}

static const char *judge_keys_readiness(const struct provider *provider,
					struct arena *arena)
{
	const char *error = findings_first_error(&provider->keys_findings);

	return error ? arena_printf(
		       arena, "ok, but a change is not in force: %s", error)
		     : "ok";
}

static const char *judge_settings_readiness(const struct provider *provider,
					    struct arena *arena)
{
	struct findings findings = { .arena = arena };
	const char *error;

	provider_try_next_start(provider, &findings);
	error = findings_first_error(&findings);
	return error ? arena_printf(
		       arena, "ok, but no process could start again: %s", error)
		     : "ok";
}

struct provider_readiness provider_judge_readiness(struct provider *provider,
						   struct arena *arena)
{
	struct provider_readiness readiness = { .is_ready = true };

	readiness.database =
		judge_database_readiness(provider, arena, &readiness.is_ready);
	readiness.addons =
		judge_addons_readiness(provider, arena, &readiness.is_ready);
	readiness.keys = judge_keys_readiness(provider, arena);
	readiness.settings = judge_settings_readiness(provider, arena);
	return readiness;
}

static bool has_any_code(const struct addons *addons)
{
	for (int i = 0; i < addons->count; i++)
		if (addons->list[i]->is_valid
		    && listener_takes_time(addons->list[i]))
			return true;
	return false;
}

const char *provider_judge_hooks(const struct provider *provider,
				 struct arena *arena)
{
	const char *why;
	uid_t user;

	if (!has_any_code(provider->addons))
		return NULL;
	why = call_client_find_user(provider->settings->hooks, arena,
				    clock_now() + HOOKS_ANSWER_LIMIT, &user);
	return why ? why : "ok";
}

static const char *find_failing_calls(const struct addon *addon,
				      struct arena *arena)
{
	for (int i = 0; i < LISTENER_ACTIONS; i++) {
		int64_t since;
		const char *how_often = failing_calls_of(
			addon, (enum listener_action)i, arena, &since);

		if (how_often)
			return how_often;
	}
	return NULL;
}

const char *provider_judge_calls(const struct provider *provider,
				 struct arena *arena)
{
	const struct addons *addons = provider->addons;

	for (int i = 0; i < addons->count; i++) {
		const struct addon *addon = addons->list[i];
		const char *how_often = addon->is_valid
			? find_failing_calls(addon, arena)
			: NULL;

		if (how_often)
			return arena_printf(arena, "ok, but %s/%s: %s",
					    addon->dialect->marketplace,
					    addon->id, how_often);
	}
	return "ok";
}

/* Another host may carry out the jobs.  Only if this one did is a process
 * missing. */
const char *provider_judge_jobs(void)
{
	pid_t pid;

	return metrics_pids(METRICS_JOBS, &pid, 1) == 0
			&& metrics_has_run(METRICS_JOBS)
		? "ok, but provisor-jobs has run on this host and does not run "
		  "now: start it, unless another host carries out the jobs"
		: "ok";
}
