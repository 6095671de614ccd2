#include "lib/provider/gauges.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/crypto/sealing_keys.h"
#include "lib/dialect/dialect.h"
#include "lib/listener/listener.h"
#include "lib/metrics/exposition.h"
#include "lib/metrics/metrics.h"
#include "lib/provider/missing_homes.h"
#include "lib/provider/next_start.h"
#include "lib/provider/provider.h"
#include "lib/provider/readiness.h"
#include "lib/provider/resource_gauges.h"
#include "lib/store/grant.h"
#include "lib/store/inventory.h"
#include "lib/store/job_failing.h"
#include "lib/store/plan_promise.h"
#include "lib/store/retention.h"

enum {
	SCRAPE_LIMIT = 3000 /* ms for all statements */
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

static void write_key_age(FILE *out, const char *key, int64_t age)
{
	fprintf(out,
		"provisor_sealing_key_age_seconds{key=\"%s\"} %" PRId64 "\n",
		key, age);
}

/* Write the ages of the key that seals and of the oldest one, as far as their
 * ids have a day. */
static void write_key_ages(FILE *out, const struct sealing_keys *keys)
{
	int64_t now = clock_wall() / 1000;
	int64_t oldest = now;
	const char *id;

	exposition_declare(out, "provisor_sealing_key_age_seconds", "gauge",
			   "The age of keys in the keys file: of the one that "
			   "seals, and of the oldest.");
	for (int i = 0; (id = sealing_keys_id(keys, i)); i++) {
		int64_t day = sealing_keys_day(id);

		if (day == 0)
			continue;
		oldest = day < oldest ? day : oldest;
		if (i == 0)
			write_key_age(out, "sealing", now - day);
	}
	if (oldest < now)
		write_key_age(out, "oldest", now - oldest);
}

static void write_missing_homes(FILE *out, int count)
{
	exposition_declare(out, "provisor_missing_homes", "gauge",
			   "Add-ons that have resources or jobs, but no home "
			   "on this host.");
	fprintf(out, "provisor_missing_homes %d\n", count);
}

/* The metrics file lists the add-ons that it knows.  A home that was never
 * valid may have no id and no dialect. */
static void list_addons(const struct addons *addons)
{
	for (int i = 0; i < addons->count; i++) {
		const struct addon *addon = addons->list[i];

		if (addon->is_valid)
			metrics_addon_known(addon->dialect->marketplace,
					    addon->id,
					    listener_takes_time(addon));
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

/* ---- grants ---- */

static void write_missed_grants(FILE *out, struct provider *provider,
				struct arena *arena)
{
	int64_t count;

	if (grant_count_missed(provider->db, arena, &count) != OUTCOME_OK)
		return;
	exposition_declare(out, "provisor_missed_grants", "gauge",
			   "Live resources with a grant that was not exchanged "
			   "in time in the last 7 days, and no other since.");
	fprintf(out, "provisor_missed_grants %" PRId64 "\n", count);
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

static void write_keep_times(FILE *out, const struct provider *provider)
{
	int64_t keep[RETENTION_SUBJECTS];

	provider_keep_times(provider, keep);
	exposition_declare(out, "provisor_retention_keep_seconds", "gauge",
			   "How long rows are kept before they are removed; 0: "
			   "forever.");
	for (int i = 0; i < RETENTION_SUBJECTS; i++)
		fprintf(out,
			"provisor_retention_keep_seconds{table=\"%s\"} %" PRId64
			"\n",
			retention_subjects[i], keep[i] / 1000);
}

static void write_retention(FILE *out, struct provider *provider,
			    struct arena *arena)
{
	struct retention_state states[RETENTION_SUBJECTS];

	write_keep_times(out, provider);
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
	write_missed_grants(out, provider, arena);
	write_missing_homes(out, provider_count_missing_homes(provider));
	resource_gauges_write(out, provider, arena);
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
	write_key_ages(out, provider->keys);
	write_hooks_state(out, provider, arena);
	write_database(out, provider, arena);
	fclose(out);
	copy = arena_strdup(arena, text);
	free(text);
	return copy;
}
