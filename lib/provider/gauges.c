#include "lib/provider/gauges.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/dialect/dialect.h"
#include "lib/listener/listener.h"
#include "lib/metrics/exposition.h"
#include "lib/metrics/metrics.h"
#include "lib/provider/missing_homes.h"
#include "lib/provider/next_start.h"
#include "lib/provider/provider.h"
#include "lib/provider/readiness.h"
#include "lib/store/inventory.h"
#include "lib/store/job_failing.h"
#include "lib/store/plan_promise.h"
#include "lib/store/resource.h"
#include "lib/store/retention.h"

enum {
	SCRAPE_LIMIT = 3000,   /* ms for all statements */
	RECOUNT_EVERY = 60000, /* ms; a count reads an index of all resources */
	RECOUNT_SHARE = 100    /* at most this part of the time is for counts */
};

/* ---- homes ---- */

static void write_home_gauges(FILE *out, const struct addons *addons)
{
	int valid = addons_count_valid(addons);

	exposition_declare(out, "provisor_addons", "gauge",
			   "Add-ons by the state of their home: valid, never "
			   "valid, or without a readable id.");
	fprintf(out,
		"provisor_addons{state=\"valid\"} %d\n"
		"provisor_addons{state=\"invalid\"} %d\n"
		"provisor_addons{state=\"unreadable\"} %d\n",
		valid, addons->count - valid, addons->unreadable);
}

/* ---- files on disk ---- */

static void write_file_error_count(FILE *out, const char *part,
				   const struct findings *findings)
{
	fprintf(out, "provisor_file_errors{part=\"%s\"} %d\n", part,
		findings->errors);
}

static void write_file_errors(FILE *out, const struct provider *provider,
			      struct arena *arena)
{
	struct findings settings = { .arena = arena };

	provider_try_next_start(provider, &settings);
	exposition_declare(out, "provisor_file_errors", "gauge",
			   "Errors in the files as they are on disk.  What was "
			   "valid before stays in force until a restart.");
	write_file_error_count(out, "settings", &settings);
	write_file_error_count(out, "keys", &provider->keys_findings);
	write_file_error_count(out, "addons", &provider->addons->findings);
}

static void write_missing_homes(FILE *out, int count)
{
	exposition_declare(out, "provisor_missing_homes", "gauge",
			   "Add-ons that have resources or jobs, but no home "
			   "on this host.");
	fprintf(out, "provisor_missing_homes %d\n", count);
}

/* The metrics file lists the add-ons that it knows. */
static void list_addons(const struct addons *addons)
{
	for (int i = 0; i < addons->count; i++) {
		const struct addon *addon = addons->list[i];

		metrics_addon_known(addon->dialect->marketplace, addon->id,
				    addon->is_valid
					    && listener_takes_time(addon));
	}
}

/* ---- jobs ---- */

static void write_job_counts(FILE *out, const struct inventory_jobs *jobs)
{
	exposition_declare(out, "provisor_jobs", "gauge",
			   "Unfinished jobs in the database.");
	for (int kind = 0; kind < JOB_KINDS; kind++)
		for (int state = 0; state < INVENTORY_JOB_STATES; state++)
			fprintf(out,
				"provisor_jobs{kind=\"%s\",state=\"%s\"} "
				"%" PRId64 "\n",
				job_kind_name((enum job_kind)kind),
				inventory_job_states[state],
				jobs->count[kind][state]);
	exposition_declare(out, "provisor_jobs_due_seconds", "gauge",
			   "How long the first due job has been due.");
	for (int kind = 0; kind < JOB_KINDS; kind++)
		fprintf(out,
			"provisor_jobs_due_seconds{kind=\"%s\"} %" PRId64 "\n",
			job_kind_name((enum job_kind)kind),
			jobs->due_for[kind]);
}

/* ---- jobs that keep failing ---- */

static int64_t count_of(const struct job_failing *jobs)
{
	return jobs->count;
}

static int64_t attempts_of(const struct job_failing *jobs)
{
	return jobs->attempts;
}

static int64_t age_of(const struct job_failing *jobs)
{
	return jobs->age;
}

static const struct failing_gauge {
	const char *name, *help;
	int64_t (*value)(const struct job_failing *jobs);
} failing_gauges[] = {
	{ "provisor_failing_jobs",
	  "Jobs that have failed many times and are retried.", count_of },
	{ "provisor_failing_jobs_attempts",
	  "The most attempts of a job that keeps failing.", attempts_of },
	{ "provisor_failing_jobs_seconds",
	  "How long the first job that keeps failing has been unfinished.",
	  age_of },
};

static void write_failing_jobs(FILE *out, const struct job_failing_list *list)
{
	for (size_t i = 0; i < COUNT(failing_gauges); i++) {
		const struct failing_gauge *gauge = &failing_gauges[i];

		exposition_declare(out, gauge->name, "gauge", gauge->help);
		for (int j = 0; j < list->count; j++) {
			const struct job_failing *jobs = &list->jobs[j];

			fprintf(out,
				"%s{marketplace=\"%s\",addon=\"%s\",kind=\"%s\"} "
				"%" PRId64 "\n",
				gauge->name, jobs->marketplace, jobs->addon,
				jobs->kind, gauge->value(jobs));
		}
	}
}

/* ---- resources ---- */

static void write_resource_count(FILE *out, const char *marketplace,
				 const char *addon, const char *state,
				 int64_t count)
{
	fprintf(out,
		"provisor_resources{marketplace=\"%s\",addon=\"%s\",state=\"%s\"}"
		" %" PRId64 "\n",
		marketplace, addon, state, count);
}

static bool is_counted(const struct inventory_resources *resources,
		       const struct addon *addon, const char *state)
{
	for (int i = 0; i < resources->count; i++) {
		const struct inventory_resource *r = &resources->list[i];

		if (strcmp(r->marketplace, addon->dialect->marketplace) == 0
		    && strcmp(r->addon, addon->id) == 0
		    && strcmp(r->state, state) == 0)
			return true;
	}
	return false;
}

/* List the states that no resource of an add-on has. */
static void write_zeros(FILE *out, const struct addon *addon,
			const struct inventory_resources *resources)
{
	for (int i = 0; i < RESOURCE_STATES; i++) {
		const char *state = resource_state_name((enum resource_state)i);

		if (!is_counted(resources, addon, state))
			write_resource_count(out, addon->dialect->marketplace,
					     addon->id, state, 0);
	}
}

static void write_resource_counts(FILE *out, const struct addons *addons,
				  const struct inventory_resources *resources)
{
	exposition_declare(out, "provisor_resources", "gauge",
			   "Resources in the database.");
	for (int i = 0; i < resources->count; i++) {
		const struct inventory_resource *r = &resources->list[i];

		write_resource_count(out, r->marketplace, r->addon, r->state,
				     r->count);
	}
	for (int i = 0; i < addons->count; i++)
		write_zeros(out, addons->list[i], resources);
}

static void keep_resource_counts(struct provider *provider,
				 const struct inventory_resources *resources)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return;
	write_resource_counts(out, provider->addons, resources);
	fclose(out);
	free(provider->resource_counts);
	provider->resource_counts = text;
}

/* Count again if the last count is too old: the longer a count takes, the rarer
 * it is.  If it fails, the last one stays. */
static void refresh_resource_counts(struct provider *provider,
				    struct arena *arena)
{
	struct inventory_resources resources;
	int64_t start = clock_now();
	int64_t pause = 0;

	if (start < provider->next_count_at)
		return;
	if (inventory_count_resources(provider->db, arena, &resources)
	    == OUTCOME_OK) {
		keep_resource_counts(provider, &resources);
		pause = RECOUNT_EVERY;
	}
	if (pause < (clock_now() - start) * RECOUNT_SHARE)
		pause = (clock_now() - start) * RECOUNT_SHARE;
	provider->next_count_at = clock_now() + pause;
}

/* ---- promised plan changes ---- */

static void write_broken_promises(FILE *out, struct provider *provider,
				  struct arena *arena)
{
	struct plan_promises_broken broken;

	if (plan_promise_find_broken(provider->db, arena, &broken)
	    != OUTCOME_OK)
		return;
	exposition_declare(out, "provisor_broken_plan_promises", "gauge",
			   "Resources that have another plan at their "
			   "marketplace, because a plan change was refused or "
			   "cancelled after a 202.");
	fprintf(out, "provisor_broken_plan_promises %" PRId64 "\n",
		broken.count);
}

/* ---- what is removed once it is old ---- */

static const struct retention_metric {
	const char *name, *type, *help;
	size_t value; /* the offset of an int64_t in struct retention_state */
} retention_metrics[] = {
	{ "provisor_retention_oldest_seconds", "gauge",
	  "The age of the oldest row that can be removed: of a finished job, "
	  "an event, the person of an event, a used digest since it expired, "
	  "and the name of a resource since it was deprovisioned.",
	  offsetof(struct retention_state, oldest) },
	{ "provisor_retention_done_seconds", "gauge",
	  "How long nothing has been left to remove; -1 if there always was "
	  "something.",
	  offsetof(struct retention_state, done) },
	{ "provisor_retention_removed_total", "counter",
	  "Rows that were removed because they were old; of resources, their "
	  "names.",
	  offsetof(struct retention_state, removed) },
};

static void write_retention_metric(FILE *out,
				   const struct retention_metric *metric,
				   const struct retention_state *states)
{
	exposition_declare(out, metric->name, metric->type, metric->help);
	for (int i = 0; i < RETENTION_SUBJECTS; i++)
		fprintf(out, "%s{table=\"%s\"} %" PRId64 "\n", metric->name,
			retention_subjects[i],
			*(const int64_t *)((const char *)&states[i]
					   + metric->value));
}

static void write_retention_state(FILE *out,
				  const struct retention_state *states)
{
	for (size_t i = 0; i < COUNT(retention_metrics); i++)
		write_retention_metric(out, &retention_metrics[i], states);
}

static void write_retention(FILE *out, struct provider *provider,
			    struct arena *arena)
{
	struct retention_state states[RETENTION_SUBJECTS];

	if (retention_read(provider->db, arena, states) == OUTCOME_OK)
		write_retention_state(out, states);
}

/* ---- the hooks pool ---- */

static void write_hooks_state(FILE *out, const struct provider *provider,
			      struct arena *arena)
{
	const char *hooks = provider_judge_hooks(provider, arena);

	if (!hooks)
		return;
	exposition_declare(out, "provisor_hooks_up", "gauge",
			   "1 if the hooks pool responds, otherwise 0.");
	fprintf(out, "provisor_hooks_up %d\n", strcmp(hooks, "ok") == 0);
}

/* ---- the database ---- */

static void write_database_state(FILE *out, bool is_up, bool can_write)
{
	exposition_declare(out, "provisor_database_up", "gauge",
			   "1 if the database responds, otherwise 0.");
	fprintf(out, "provisor_database_up %d\n", is_up);
	exposition_declare(out, "provisor_database_writable", "gauge",
			   "1 if the database accepts writes, otherwise 0.");
	fprintf(out, "provisor_database_writable %d\n", can_write);
}

static void write_database(FILE *out, struct provider *provider,
			   struct arena *arena)
{
	struct inventory_jobs jobs;
	struct job_failing_list failing;
	bool is_up, can_write;

	provider_set_deadline(provider, clock_now() + SCRAPE_LIMIT);
	is_up = inventory_count_jobs(provider->db, arena, &jobs) == OUTCOME_OK;
	can_write =
		is_up && provider_probe_writes(provider, arena) == OUTCOME_OK;
	write_database_state(out, is_up, can_write);
	if (!is_up)
		return;
	write_job_counts(out, &jobs);
	if (job_failing_find(provider->db, arena, &failing) == OUTCOME_OK)
		write_failing_jobs(out, &failing);
	write_retention(out, provider, arena);
	write_broken_promises(out, provider, arena);
	write_missing_homes(out, provider_count_missing_homes(provider));
	refresh_resource_counts(provider, arena);
	if (provider->resource_counts)
		fputs(provider->resource_counts, out);
}

const char *provider_gauges(struct provider *provider, struct arena *arena)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	const char *copy;

	if (!out)
		return "";
	list_addons(provider->addons);
	write_home_gauges(out, provider->addons);
	write_file_errors(out, provider, arena);
	write_hooks_state(out, provider, arena);
	write_database(out, provider, arena);
	fclose(out);
	copy = arena_strdup(arena, text);
	free(text);
	return copy;
}
