/*
 * prometheus.c - tells what was counted as Prometheus reads it.
 */
#include "lib/metrics/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/metrics/counters.h"

static void declare(FILE *out, const char *name, const char *type,
		    const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* What is counted by name. */
struct label {
	const char *name;
	const char *const *values;
	int count;
};

static const struct label operations = { "operation", metrics_operation_names,
					 METRICS_OPERATIONS };
static const struct label kinds = { "kind", metrics_kind_names, METRICS_KINDS };

/* Those that there were, each with its outcome. */
static void tell_outcomes(FILE *out, const char *name,
			  const struct label *label,
			  const uint64_t counts[][METRICS_ROOM])
{
	for (int op = 0; op < label->count; op++)
		for (int end = 0; end < OUTCOME_COUNT; end++)
			if (counts[op][end] > 0)
				fprintf(out,
					"%s{%s=\"%s\",outcome=\"%s\"}"
					" %" PRIu64 "\n",
					name, label->name, label->values[op],
					outcome_name((enum outcome)end),
					counts[op][end]);
}

static void tell_seconds(FILE *out, const char *name, const struct label *label,
			 const uint64_t milliseconds[])
{
	for (int op = 0; op < label->count; op++)
		fprintf(out, "%s{%s=\"%s\"} %.3f\n", name, label->name,
			label->values[op], (double)milliseconds[op] / 1000);
}

static void tell_histogram(FILE *out, const struct metrics_counters *sum,
			   int op)
{
	uint64_t count = 0;

	for (int i = 0; i < METRICS_EDGES; i++) {
		count += sum->buckets[op][i];
		fprintf(out,
			"provisor_request_seconds_bucket{operation=\"%s\","
			"le=\"%g\"} %" PRIu64 "\n",
			metrics_operation_names[op],
			(double)metrics_edges[i] / 1000, count);
	}
	count += sum->buckets[op][METRICS_EDGES];
	fprintf(out,
		"provisor_request_seconds_bucket{operation=\"%s\",le=\"+Inf\"}"
		" %" PRIu64 "\n"
		"provisor_request_seconds_sum{operation=\"%s\"} %.3f\n"
		"provisor_request_seconds_count{operation=\"%s\"} %" PRIu64
		"\n",
		metrics_operation_names[op], count, metrics_operation_names[op],
		(double)sum->total[op] / 1000, metrics_operation_names[op],
		count);
}

static void tell_requests(FILE *out, const struct metrics_counters *sum)
{
	declare(out, "provisor_requests_total", "counter",
		"Requests answered.");
	tell_outcomes(out, "provisor_requests_total", &operations,
		      sum->requests);
	declare(out, "provisor_request_seconds", "histogram",
		"Time from the request's arrival at nginx to its answer.");
	for (int op = 0; op < METRICS_OPERATIONS; op++)
		tell_histogram(out, sum, op);
	declare(out, "provisor_database_seconds_total", "counter",
		"Time of requests that was spent waiting for the database.");
	tell_seconds(out, "provisor_database_seconds_total", &operations,
		     sum->in_database);
	declare(out, "provisor_listener_seconds_total", "counter",
		"Time of requests that was spent waiting for hooks and "
		"libraries.");
	tell_seconds(out, "provisor_listener_seconds_total", &operations,
		     sum->in_listener);
}

static void tell_jobs(FILE *out, const struct metrics_counters *sum)
{
	declare(out, "provisor_job_steps_total", "counter",
		"Attempts at jobs by provisor-jobs.");
	tell_outcomes(out, "provisor_job_steps_total", &kinds, sum->jobs.steps);
	declare(out, "provisor_job_seconds_total", "counter",
		"Time of attempts at jobs.");
	tell_seconds(out, "provisor_job_seconds_total", &kinds,
		     sum->jobs.total);
	declare(out, "provisor_job_database_seconds_total", "counter",
		"Time of jobs that was spent waiting for the database.");
	tell_seconds(out, "provisor_job_database_seconds_total", &kinds,
		     sum->jobs.in_database);
	declare(out, "provisor_job_listener_seconds_total", "counter",
		"Time of jobs that was spent waiting for hooks and libraries.");
	tell_seconds(out, "provisor_job_listener_seconds_total", &kinds,
		     sum->jobs.in_listener);
}

/* Marketplaces are our own words and ids are letters, digits and dashes, so
 * that no label needs escaping. */
static void tell_old_secrets(FILE *out)
{
	struct metrics_file *file = metrics_mapped();

	declare(out, "provisor_old_secret_uses_total", "counter",
		"Calls with a password or salt that is being rotated out.");
	for (int i = 0; file && i < METRICS_ADDONS; i++) {
		struct metrics_use *use = &file->old_secrets[i];

		if (*use->name)
			fprintf(out,
				"provisor_old_secret_uses_total{addon=\"%s\"} "
				"%" PRIu64 "\n",
				use->name, atomic_load(&use->count));
	}
}

static void tell_alive(FILE *out, const char *name, const char *help,
		       enum metrics_role role)
{
	pid_t pids[METRICS_SLOTS];

	declare(out, name, "gauge", help);
	fprintf(out, "%s %d\n", name, metrics_pids(role, pids, METRICS_SLOTS));
}

const char *metrics_text(struct arena *arena)
{
	struct metrics_counters sum = metrics_sum();
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	const char *copy;

	if (!out)
		return "";
	tell_requests(out, &sum);
	tell_jobs(out, &sum);
	tell_old_secrets(out);
	tell_alive(out, "provisor_workers", "Workers that are alive.",
		   METRICS_WORKER);
	tell_alive(out, "provisor_job_workers",
		   "Processes of provisor-jobs that are alive.", METRICS_JOBS);
	fclose(out);
	copy = arena_strdup(arena, text);
	free(text);
	return copy;
}
