/*
 * prometheus.c - writes the sums in the text format of Prometheus.
 */
#include "lib/metrics/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/metrics/counters.h"

static void declare_metric(FILE *out, const char *name, const char *type,
			   const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

struct metric_label {
	const char *name;
	const char *const *values;
	int count;
};

static const struct metric_label operation_label = { "operation",
						     metrics_operation_names,
						     METRICS_OPERATIONS };
static const struct metric_label kind_label = { "kind", metrics_kind_names,
						METRICS_KINDS };

/* Write the counts that are not 0. */
static void write_outcomes(FILE *out, const char *name,
			   const struct metric_label *label,
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

static void write_seconds(FILE *out, const char *name,
			  const struct metric_label *label,
			  const uint64_t milliseconds[])
{
	for (int op = 0; op < label->count; op++)
		fprintf(out, "%s{%s=\"%s\"} %.3f\n", name, label->name,
			label->values[op], (double)milliseconds[op] / 1000);
}

static void write_histogram(FILE *out, const struct metrics_counters *sum,
			    int op)
{
	uint64_t count = 0;

	for (int i = 0; i < METRICS_EDGES; i++) {
		count += sum->buckets[op][i];
		fprintf(out,
			"provisor_request_duration_seconds_bucket{operation=\"%s\","
			"le=\"%g\"} %" PRIu64 "\n",
			metrics_operation_names[op],
			(double)metrics_edges[i] / 1000, count);
	}
	count += sum->buckets[op][METRICS_EDGES];
	fprintf(out,
		"provisor_request_duration_seconds_bucket{operation=\"%s\",le=\"+Inf\"}"
		" %" PRIu64 "\n"
		"provisor_request_duration_seconds_sum{operation=\"%s\"} %.3f\n"
		"provisor_request_duration_seconds_count{operation=\"%s\"} %" PRIu64
		"\n",
		metrics_operation_names[op], count, metrics_operation_names[op],
		(double)sum->total[op] / 1000, metrics_operation_names[op],
		count);
}

static void write_request_metrics(FILE *out, const struct metrics_counters *sum)
{
	declare_metric(out, "provisor_requests_total", "counter",
		       "Requests that were answered.");
	write_outcomes(out, "provisor_requests_total", &operation_label,
		       sum->requests);
	declare_metric(
		out, "provisor_request_duration_seconds", "histogram",
		"Time from the arrival of a request at nginx to its response.");
	for (int op = 0; op < METRICS_OPERATIONS; op++)
		write_histogram(out, sum, op);
	declare_metric(out, "provisor_request_database_seconds_total",
		       "counter",
		       "Time that requests spent waiting for the database.");
	write_seconds(out, "provisor_request_database_seconds_total",
		      &operation_label, sum->in_database);
	declare_metric(
		out, "provisor_request_listener_seconds_total", "counter",
		"Time that requests spent waiting for hooks and libraries.");
	write_seconds(out, "provisor_request_listener_seconds_total",
		      &operation_label, sum->in_listener);
}

static void write_job_metrics(FILE *out, const struct metrics_counters *sum)
{
	declare_metric(out, "provisor_job_attempts_total", "counter",
		       "Attempts of provisor-jobs at jobs.");
	write_outcomes(out, "provisor_job_attempts_total", &kind_label,
		       sum->jobs.steps);
	declare_metric(out, "provisor_job_seconds_total", "counter",
		       "Duration of attempts at jobs.");
	write_seconds(out, "provisor_job_seconds_total", &kind_label,
		      sum->jobs.total);
	declare_metric(out, "provisor_job_database_seconds_total", "counter",
		       "Time that jobs spent waiting for the database.");
	write_seconds(out, "provisor_job_database_seconds_total", &kind_label,
		      sum->jobs.in_database);
	declare_metric(out, "provisor_job_listener_seconds_total", "counter",
		       "Time that jobs spent waiting for hooks and libraries.");
	write_seconds(out, "provisor_job_listener_seconds_total", &kind_label,
		      sum->jobs.in_listener);
}

/* Names of marketplaces and add-ons are letters, digits and dashes, so no label
 * needs escapes. */
static void write_old_secrets(FILE *out)
{
	struct metrics_file *file = metrics_mapped();

	declare_metric(
		out, "provisor_old_secret_uses_total", "counter",
		"Requests with an old password or salt that is being rotated.");
	for (int i = 0; file && i < METRICS_ADDONS; i++) {
		struct metrics_use *use = &file->old_secrets[i];
		int slash = (int)strcspn(use->name, "/");

		if (use->name[slash])
			fprintf(out,
				"provisor_old_secret_uses_total"
				"{marketplace=\"%.*s\",addon=\"%s\"} "
				"%" PRIu64 "\n",
				slash, use->name, use->name + slash + 1,
				atomic_load(&use->count));
	}
}

static void write_running(FILE *out, const char *name, const char *help,
			  enum metrics_role role)
{
	pid_t pids[METRICS_SLOTS];

	declare_metric(out, name, "gauge", help);
	fprintf(out, "%s %d\n", name, metrics_pids(role, pids, METRICS_SLOTS));
}

static void write_workers(FILE *out)
{
	pid_t pids[METRICS_SLOTS];
	int api = metrics_pids(METRICS_API, pids, METRICS_SLOTS);
	int web = metrics_pids(METRICS_WEB, pids, METRICS_SLOTS);
	int all = metrics_pids(METRICS_WORKER, pids, METRICS_SLOTS);

	declare_metric(out, "provisor_workers", "gauge",
		       "Running workers, by pool.");
	fprintf(out,
		"provisor_workers{pool=\"api\"} %d\n"
		"provisor_workers{pool=\"web\"} %d\n"
		"provisor_workers{pool=\"other\"} %d\n",
		api, web, all - api - web);
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
	write_request_metrics(out, &sum);
	write_job_metrics(out, &sum);
	write_old_secrets(out);
	write_workers(out);
	write_running(out, "provisor_job_workers",
		      "Running processes of provisor-jobs.", METRICS_JOBS);
	fclose(out);
	copy = arena_strdup(arena, text);
	free(text);
	return copy;
}
