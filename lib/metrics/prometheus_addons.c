/*
 * prometheus_addons.c - the metrics of each add-on.
 *
 * A name that metrics_addon_name() accepts needs no escapes.  An add-on has
 * some 120 samples, and at most METRICS_ADDONS add-ons and one for all others
 * are listed.
 */
#include <inttypes.h>
#include <string.h>

#include "lib/base/base.h"
#include "lib/metrics/counters.h"
#include "lib/metrics/exposition.h"

static const char *const status_names[METRICS_STATUSES] = { "2xx", "3xx", "4xx",
							    "5xx" };

struct listed_addon {
	struct metrics_addon *entry;
	struct metrics_addon_times *times;
	char name[METRICS_LONGEST_NAME];
};

/* Call write for each add-on that has an entry. */
static void for_each_addon(FILE *out,
			   void (*write)(FILE *out,
					 const struct listed_addon *addon))
{
	struct metrics_file *file = metrics_mapped();
	struct listed_addon listed;

	for (int i = 0; file && i <= METRICS_ADDONS; i++) {
		listed.entry = &file->addons[i];
		listed.times = &file->times[i];
		if (metrics_addon_name(listed.entry, listed.name))
			write(out, &listed);
	}
}

static void write_labels(FILE *out, const struct listed_addon *addon)
{
	int slash = (int)strcspn(addon->name, "/");

	fprintf(out, "{marketplace=\"%.*s\",addon=\"%s\"", slash, addon->name,
		addon->name + slash + 1);
}

static void write_sample_start(FILE *out, const char *name,
			       const struct listed_addon *addon)
{
	fputs(name, out);
	write_labels(out, addon);
}

/* ---- requests ---- */

/* Requests that every add-on gets are listed even while there were none. */
static bool is_usual(enum metrics_operation operation)
{
	return operation == METRICS_PROVISION
		|| operation == METRICS_CHANGE_PLAN
		|| operation == METRICS_DEPROVISION
		|| operation == METRICS_SIGN_ON;
}

static bool is_listed(const struct listed_addon *addon,
		      enum metrics_operation operation)
{
	bool was_requested = false;

	for (int i = 0; i < METRICS_STATUSES; i++)
		was_requested |=
			atomic_load(&addon->entry->requests[operation][i]) > 0;
	return was_requested || is_usual(operation);
}

static void write_statuses(FILE *out, const struct listed_addon *addon, int op)
{
	for (int i = 0; i < METRICS_STATUSES; i++) {
		write_sample_start(out, "provisor_addon_requests_total", addon);
		fprintf(out, ",operation=\"%s\",status=\"%s\"} %" PRIu64 "\n",
			metrics_operation_names[op], status_names[i],
			atomic_load(&addon->entry->requests[op][i]));
	}
}

static void write_addon_requests(FILE *out, const struct listed_addon *addon)
{
	for (int op = 0; op < METRICS_OPERATIONS; op++)
		if (is_listed(addon, (enum metrics_operation)op))
			write_statuses(out, addon, op);
}

static void start_duration_sample(FILE *out, const struct listed_addon *addon,
				  const char *part, int op)
{
	fprintf(out, "provisor_addon_request_duration_seconds_%s", part);
	write_labels(out, addon);
	fprintf(out, ",operation=\"%s\"", metrics_operation_names[op]);
}

static uint64_t write_buckets(FILE *out, const struct listed_addon *addon,
			      int op)
{
	const struct metrics_addon_times *times = addon->times;
	uint64_t count = 0;

	for (int i = 0; i < METRICS_ADDON_EDGES; i++) {
		count += atomic_load(&times->buckets[op][i]);
		start_duration_sample(out, addon, "bucket", op);
		fprintf(out, ",le=\"%g\"} %" PRIu64 "\n",
			(double)metrics_addon_edges[i] / 1000, count);
	}
	count += atomic_load(&times->buckets[op][METRICS_ADDON_EDGES]);
	start_duration_sample(out, addon, "bucket", op);
	fprintf(out, ",le=\"+Inf\"} %" PRIu64 "\n", count);
	return count;
}

static void write_addon_durations(FILE *out, const struct listed_addon *addon)
{
	for (int op = 0; op < METRICS_OPERATIONS; op++) {
		uint64_t total = atomic_load(&addon->times->total[op]);
		uint64_t count;

		if (!is_listed(addon, (enum metrics_operation)op))
			continue;
		count = write_buckets(out, addon, op);
		start_duration_sample(out, addon, "sum", op);
		fprintf(out, "} %.3f\n", (double)total / 1000);
		start_duration_sample(out, addon, "count", op);
		fprintf(out, "} %" PRIu64 "\n", count);
	}
}

static void write_old_secrets(FILE *out, const struct listed_addon *addon)
{
	write_sample_start(out, "provisor_old_secret_uses_total", addon);
	fprintf(out, "} %" PRIu64 "\n",
		atomic_load(&addon->entry->old_secrets));
}

static void write_wrong_passwords(FILE *out, const struct listed_addon *addon)
{
	write_sample_start(out, "provisor_wrong_passwords_total", addon);
	fprintf(out, "} %" PRIu64 "\n",
		atomic_load(&addon->entry->wrong_passwords));
}

/* ---- calls of the vendor's code ---- */

static void write_calls(FILE *out, const struct listed_addon *addon)
{
	if (!atomic_load(&addon->entry->runs_code))
		return;
	for (int a = 0; a < METRICS_ACTIONS; a++)
		for (int r = 0; r < METRICS_RESULTS; r++) {
			write_sample_start(out, "provisor_listener_calls_total",
					   addon);
			fprintf(out,
				",action=\"%s\",result=\"%s\"} %" PRIu64 "\n",
				metrics_action_names[a],
				metrics_result_names[r],
				atomic_load(&addon->entry->calls[a][r]));
		}
}

static void write_failures(FILE *out, const struct listed_addon *addon)
{
	if (!atomic_load(&addon->entry->runs_code))
		return;
	for (int a = 0; a < METRICS_ACTIONS; a++) {
		write_sample_start(out, "provisor_listener_failures_in_row",
				   addon);
		fprintf(out, ",action=\"%s\"} %" PRIu64 "\n",
			metrics_action_names[a],
			atomic_load(&addon->entry->failures[a]));
	}
}

/* ---- calls of marketplaces ---- */

static void write_platform_calls(FILE *out, const struct listed_addon *addon)
{
	for (int v = 0; v < METRICS_VERDICTS; v++) {
		write_sample_start(out, "provisor_marketplace_calls_total",
				   addon);
		fprintf(out, ",result=\"%s\"} %" PRIu64 "\n",
			metrics_verdict_names[v],
			atomic_load(&addon->times->platform_calls[v]));
	}
}

static void write_platform_seconds(FILE *out, const struct listed_addon *addon)
{
	write_sample_start(out, "provisor_marketplace_call_seconds_total",
			   addon);
	fprintf(out, "} %.3f\n",
		(double)atomic_load(&addon->times->platform_total) / 1000);
}

void exposition_write_addons(FILE *out)
{
	exposition_declare(
		out, "provisor_addon_requests_total", "counter",
		"Requests about an add-on, by the class of their status.");
	for_each_addon(out, write_addon_requests);
	exposition_declare(
		out, "provisor_addon_request_duration_seconds", "histogram",
		"Time from the arrival of such a request at nginx to "
		"its response.");
	for_each_addon(out, write_addon_durations);
	exposition_declare(out, "provisor_listener_calls_total", "counter",
			   "Calls of hooks and libraries.");
	for_each_addon(out, write_calls);
	exposition_declare(out, "provisor_listener_failures_in_row", "gauge",
			   "Failures since the last call that did not fail.");
	for_each_addon(out, write_failures);
	exposition_declare(out, "provisor_marketplace_calls_total", "counter",
			   "Calls of the marketplace's API.");
	for_each_addon(out, write_platform_calls);
	exposition_declare(out, "provisor_marketplace_call_seconds_total",
			   "counter", "Duration of these calls.");
	for_each_addon(out, write_platform_seconds);
	exposition_declare(
		out, "provisor_old_secret_uses_total", "counter",
		"Requests with an old password or salt that is being rotated.");
	for_each_addon(out, write_old_secrets);
	exposition_declare(
		out, "provisor_wrong_passwords_total", "counter",
		"Requests with the name of an add-on and a wrong password.");
	for_each_addon(out, write_wrong_passwords);
}
