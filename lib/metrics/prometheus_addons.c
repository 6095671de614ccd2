/*
 * prometheus_addons.c - the metrics of each add-on.
 *
 * A name that metrics_addon_name() accepts needs no escapes.  An add-on has
 * some 50 samples, and at most METRICS_ADDONS add-ons and one for all others
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
		if (metrics_addon_name(listed.entry, listed.name))
			write(out, &listed);
	}
}

static void write_sample_start(FILE *out, const char *name,
			       const struct listed_addon *addon)
{
	int slash = (int)strcspn(addon->name, "/");

	fprintf(out, "%s{marketplace=\"%.*s\",addon=\"%s\"", name, slash,
		addon->name, addon->name + slash + 1);
}

/* ---- requests ---- */

/* Requests that every add-on gets are listed even while there were none. */
static bool is_listed(enum metrics_operation operation)
{
	return operation == METRICS_PROVISION
		|| operation == METRICS_CHANGE_PLAN
		|| operation == METRICS_DEPROVISION
		|| operation == METRICS_SIGN_ON;
}

static void write_addon_requests(FILE *out, const struct listed_addon *addon)
{
	for (int op = 0; op < METRICS_OPERATIONS; op++)
		for (int i = 0; i < METRICS_STATUSES; i++) {
			uint64_t count =
				atomic_load(&addon->entry->requests[op][i]);

			if (count == 0
			    && !is_listed((enum metrics_operation)op))
				continue;
			write_sample_start(out, "provisor_addon_requests_total",
					   addon);
			fprintf(out,
				",operation=\"%s\",status=\"%s\"} %" PRIu64
				"\n",
				metrics_operation_names[op], status_names[i],
				count);
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

void exposition_write_addons(FILE *out)
{
	exposition_declare(
		out, "provisor_addon_requests_total", "counter",
		"Requests about an add-on, by the class of their status.");
	for_each_addon(out, write_addon_requests);
	exposition_declare(out, "provisor_listener_calls_total", "counter",
			   "Calls of hooks and libraries.");
	for_each_addon(out, write_calls);
	exposition_declare(out, "provisor_listener_failures_in_row", "gauge",
			   "Failures since the last call that did not fail.");
	for_each_addon(out, write_failures);
	exposition_declare(
		out, "provisor_old_secret_uses_total", "counter",
		"Requests with an old password or salt that is being rotated.");
	for_each_addon(out, write_old_secrets);
	exposition_declare(
		out, "provisor_wrong_passwords_total", "counter",
		"Requests with the name of an add-on and a wrong password.");
	for_each_addon(out, write_wrong_passwords);
}
