/*
 * prometheus.c - writes the sums in the text format of Prometheus.
 *
 * Every combination of labels is listed, even while its count is 0, so that
 * Prometheus sees the first increase.
 */
#include "lib/metrics/metrics.h"

#include <inttypes.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/metrics/counters.h"
#include "lib/metrics/exposition.h"

void exposition_declare(FILE *out, const char *name, const char *type,
			const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void exposition_write_value(FILE *out, const char *text)
{
	for (; *text; text++)
		if (*text == '\n')
			fputs("\\n", out);
		else if (*text == '\\' || *text == '"')
			fprintf(out, "\\%c", *text);
		else
			putc(*text, out);
}

/* ---- requests ---- */

static void write_requests(FILE *out, const struct metrics_counters *sum,
			   const char *pool)
{
	for (int op = 0; op < METRICS_OPERATIONS; op++)
		for (int end = 0; end < OUTCOME_COUNT; end++)
			fprintf(out,
				"provisor_requests_total{pool=\"%s\",operation="
				"\"%s\",outcome=\"%s\"} %" PRIu64 "\n",
				pool, metrics_operation_names[op],
				outcome_name((enum outcome)end),
				sum->requests[op][end]);
}

static void write_duration_sample(FILE *out, const char *part, const char *pool,
				  int op)
{
	fprintf(out,
		"provisor_request_duration_seconds_%s{pool=\"%s\",operation="
		"\"%s\"",
		part, pool, metrics_operation_names[op]);
}

static void write_histogram(FILE *out, const struct metrics_counters *sum,
			    const char *pool, int op)
{
	uint64_t count = 0;

	for (int i = 0; i < METRICS_EDGES; i++) {
		count += sum->buckets[op][i];
		write_duration_sample(out, "bucket", pool, op);
		fprintf(out, ",le=\"%g\"} %" PRIu64 "\n",
			(double)metrics_edges[i] / 1000, count);
	}
	count += sum->buckets[op][METRICS_EDGES];
	write_duration_sample(out, "bucket", pool, op);
	fprintf(out, ",le=\"+Inf\"} %" PRIu64 "\n", count);
	write_duration_sample(out, "sum", pool, op);
	fprintf(out, "} %.3f\n", (double)sum->total[op] / 1000);
	write_duration_sample(out, "count", pool, op);
	fprintf(out, "} %" PRIu64 "\n", count);
}

static void write_durations(FILE *out, const struct metrics_counters *sum,
			    const char *pool)
{
	for (int op = 0; op < METRICS_OPERATIONS; op++)
		write_histogram(out, sum, pool, op);
}

static void write_request_seconds(FILE *out, const char *name, const char *pool,
				  const uint64_t milliseconds[])
{
	for (int op = 0; op < METRICS_OPERATIONS; op++)
		fprintf(out, "%s{pool=\"%s\",operation=\"%s\"} %.3f\n", name,
			pool, metrics_operation_names[op],
			(double)milliseconds[op] / 1000);
}

static void write_database_seconds(FILE *out,
				   const struct metrics_counters *sum,
				   const char *pool)
{
	write_request_seconds(out, "provisor_request_database_seconds_total",
			      pool, sum->in_database);
}

static void write_listener_seconds(FILE *out,
				   const struct metrics_counters *sum,
				   const char *pool)
{
	write_request_seconds(out, "provisor_request_listener_seconds_total",
			      pool, sum->in_listener);
}

static void write_request_metrics(FILE *out,
				  const struct metrics_counters sums[])
{
	/* clang-format off */
	static const struct {
		const char *name, *type, *help;
		void (*write)(FILE *out, const struct metrics_counters *sum,
			      const char *pool);
	} families[] = {
		{ "provisor_requests_total", "counter",
		  "Requests that were answered.", write_requests },
		{ "provisor_request_duration_seconds", "histogram",
		  "Time from the arrival of a request at nginx to its response.", write_durations },
		{ "provisor_request_database_seconds_total", "counter",
		  "Time that requests spent waiting for the database.", write_database_seconds },
		{ "provisor_request_listener_seconds_total", "counter",
		  "Time that requests spent waiting for hooks and libraries.", write_listener_seconds },
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(families); i++) {
		exposition_declare(out, families[i].name, families[i].type,
				   families[i].help);
		for (int pool = 0; pool < METRICS_POOLS; pool++)
			families[i].write(out, &sums[pool],
					  metrics_pool_names[pool]);
	}
}

/* ---- jobs ---- */

static void write_attempts(FILE *out, const struct metrics_counters *sum)
{
	exposition_declare(out, "provisor_job_attempts_total", "counter",
			   "Attempts of provisor-jobs at jobs.");
	for (int kind = 0; kind < METRICS_KINDS; kind++)
		for (int end = 0; end < OUTCOME_COUNT; end++)
			fprintf(out,
				"provisor_job_attempts_total{kind=\"%s\","
				"outcome=\"%s\"} %" PRIu64 "\n",
				metrics_kind_names[kind],
				outcome_name((enum outcome)end),
				sum->jobs.steps[kind][end]);
}

static void write_job_seconds(FILE *out, const char *name, const char *help,
			      const uint64_t milliseconds[])
{
	exposition_declare(out, name, "counter", help);
	for (int kind = 0; kind < METRICS_KINDS; kind++)
		fprintf(out, "%s{kind=\"%s\"} %.3f\n", name,
			metrics_kind_names[kind],
			(double)milliseconds[kind] / 1000);
}

static void write_job_metrics(FILE *out, const struct metrics_counters *sum)
{
	write_attempts(out, sum);
	write_job_seconds(out, "provisor_job_seconds_total",
			  "Duration of attempts at jobs.", sum->jobs.total);
	write_job_seconds(out, "provisor_job_database_seconds_total",
			  "Time that jobs spent waiting for the database.",
			  sum->jobs.in_database);
	write_job_seconds(
		out, "provisor_job_listener_seconds_total",
		"Time that jobs spent waiting for hooks and libraries.",
		sum->jobs.in_listener);
}

/* Return the counts of jobs of all pools. */
static struct metrics_counters sum_jobs(const struct metrics_counters sums[])
{
	struct metrics_counters all = sums[0];
	uint64_t *to = (uint64_t *)&all.jobs;

	for (int pool = 1; pool < METRICS_POOLS; pool++) {
		const uint64_t *from = (const uint64_t *)&sums[pool].jobs;

		for (size_t i = 0; i < sizeof all.jobs / sizeof *to; i++)
			to[i] += from[i];
	}
	return all;
}

/* ---- processes ---- */

static void write_processes(FILE *out)
{
	struct metrics_pool_size sizes[METRICS_POOLS];
	pid_t pids[METRICS_SLOTS];

	for (int pool = 0; pool < METRICS_POOLS; pool++)
		sizes[pool] = metrics_pool_size((enum metrics_pool)pool);
	exposition_declare(out, "provisor_workers", "gauge",
			   "Running workers, by pool.");
	for (int pool = 0; pool < METRICS_POOLS; pool++)
		fprintf(out, "provisor_workers{pool=\"%s\"} %d\n",
			metrics_pool_names[pool], sizes[pool].workers);
	exposition_declare(out, "provisor_busy_workers", "gauge",
			   "Workers that serve a request, by pool, without the "
			   "one that answers.");
	for (int pool = 0; pool < METRICS_POOLS; pool++)
		fprintf(out, "provisor_busy_workers{pool=\"%s\"} %d\n",
			metrics_pool_names[pool], sizes[pool].busy);
	exposition_declare(out, "provisor_job_workers", "gauge",
			   "Running processes of provisor-jobs.");
	fprintf(out, "provisor_job_workers %d\n",
		metrics_pids(METRICS_JOBS, pids, METRICS_SLOTS));
	exposition_declare(out, "provisor_build_info", "gauge",
			   "The version of the process that answers.");
	fprintf(out,
		"provisor_build_info{version=\"" PROVISOR_VERSION "\"} 1\n");
}

static void write_writes(FILE *out)
{
	struct metrics_file *file = metrics_mapped();

	exposition_declare(out, "provisor_database_write_failures_total",
			   "counter",
			   "Statements that the database refused because it "
			   "cannot write.");
	fprintf(out, "provisor_database_write_failures_total %" PRIu64 "\n",
		file ? atomic_load(&file->write_failures) : 0);
}

const char *metrics_text(struct arena *arena)
{
	struct metrics_counters sums[METRICS_POOLS];
	struct metrics_counters jobs;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	const char *copy;

	if (!out)
		return "";
	metrics_sum(sums);
	jobs = sum_jobs(sums);
	write_request_metrics(out, sums);
	write_job_metrics(out, &jobs);
	exposition_write_addons(out);
	write_processes(out);
	write_writes(out);
	fclose(out);
	copy = arena_strdup(arena, text);
	free(text);
	return copy;
}
