#include "cgi/cli/verify_report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/interrupts.h"
#include "lib/base/arena.h"
#include "lib/base/log.h"
#include "lib/text/html.h"
#include "lib/text/json.h"
#include "lib/verify/verify.h"

static const char *const verdict_names[] = {
	[VERIFY_PASSED] = "passed",
	[VERIFY_FAILED] = "failed",
	[VERIFY_SKIPPED] = "skipped",
};

/* ---- one result ---- */

static void print_part(const char *label, const char *text)
{
	if (text)
		printf("         %-9s %s\n", label, text);
}

/* Return false if the run shall end: nobody reads its results, or it is
 * interrupted. */
static bool can_go_on(void)
{
	bool is_read = fflush(stdout) == 0;
	bool is_interrupted = interrupts_caught;

	if (is_interrupted)
		cli_fail("interrupted: the resources of this run are "
			 "deprovisioned");
	return is_read && !is_interrupted;
}

bool verify_report_line(const struct verify_result *result)
{
	printf("%-8s %-18s %s\n", verdict_names[result->verdict], result->name,
	       result->rule);
	if (result->verdict == VERIFY_FAILED)
		print_part("source", result->source);
	print_part("expected", result->expected);
	if (result->verdict != VERIFY_PASSED)
		print_part(result->verdict == VERIFY_FAILED ? "got" : "because",
			   result->got);
	return can_go_on();
}

bool verify_report_json(const struct verify_result *result)
{
	struct arena *arena = arena_create_small();
	struct json *object = json_object(arena);

	json_put_text(object, "check", result->name);
	json_put_text(object, "verdict", verdict_names[result->verdict]);
	json_put_text(object, "rule", result->rule);
	json_put_text(object, "source", result->source);
	json_put_text(object, "expected", result->expected);
	json_put_text(object, "got", result->got);
	json_put_int(object, "duration_ms", (int)result->duration);
	puts(json_print(arena, object));
	arena_destroy(arena);
	return can_go_on();
}

/* ---- all of them ---- */

static int count_verdicts(const struct verify_report *report,
			  enum verify_verdict verdict)
{
	int count = 0;

	for (int i = 0; i < report->count; i++)
		count += report->results[i].verdict == verdict;
	return count;
}

static void put_case(struct arena *arena, struct html *page,
		     const struct verify_result *result)
{
	html_markup(page, "<testcase classname=\"provisor.verify\"");
	html_attribute(page, "name",
		       arena_join(arena, result->name, ": ", result->rule));
	html_attribute(page, "time", log_seconds(arena, result->duration));
	html_markup(page, ">");
	if (result->verdict == VERIFY_FAILED) {
		html_markup(page, "<failure");
		html_attribute(page, "message",
			       arena_join(arena, "expected ", result->expected,
					  ", got ", result->got));
		html_markup(page, "/>");
	}
	if (result->verdict == VERIFY_SKIPPED) {
		html_markup(page, "<skipped");
		html_attribute(page, "message", result->got);
		html_markup(page, "/>");
	}
	html_markup(page, "</testcase>\n");
}

/* JUnit's XML, as build servers read it, escapes as HTML does. */
static const char *write_junit(struct arena *arena,
			       const struct verify_report *report)
{
	struct html *page = html_create(arena);
	int failed = count_verdicts(report, VERIFY_FAILED);
	int skipped = count_verdicts(report, VERIFY_SKIPPED);

	html_markup(page,
		    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		    "<testsuite name=\"provisor verify\"");
	html_attribute(page, "tests", arena_number(arena, report->count));
	html_attribute(page, "failures", arena_number(arena, failed));
	html_attribute(page, "skipped", arena_number(arena, skipped));
	html_markup(page, ">\n");
	for (int i = 0; i < report->count; i++)
		put_case(arena, page, &report->results[i]);
	html_markup(page, "</testsuite>\n");
	return html_page(page);
}

static int write_junit_file(const struct cli *cli,
			    const struct verify_report *report)
{
	const char *path = cli_option(cli, OPTION_JUNIT);
	FILE *file = path ? fopen(path, "we") : NULL;
	bool is_written;

	if (!path)
		return CLI_OK;
	is_written =
		file && fputs(write_junit(cli->arena, report), file) != EOF;
	if (file && fclose(file) != 0)
		is_written = false;
	return is_written ? CLI_OK
			  : cli_fail("option --junit: %s cannot be written "
				     "(%s)",
				     path, strerror(errno));
}

static void print_sums(const struct verify_provider *provider,
		       const struct verify_report *report)
{
	printf("\n%d passed, %d failed, %d skipped\n",
	       count_verdicts(report, VERIFY_PASSED),
	       count_verdicts(report, VERIFY_FAILED),
	       count_verdicts(report, VERIFY_SKIPPED));
	printf("%d requests: half within %" PRId64 " ms, 99 %% within "
	       "%" PRId64 " ms\n",
	       report->requests, report->median, report->p99);
	printf("seed: %s\n", provider->seed);
}

int verify_report_end(const struct cli *cli,
		      const struct verify_provider *provider,
		      const struct verify_report *report)
{
	int status = write_junit_file(cli, report);

	if (!cli_has(cli, OPTION_JSON))
		print_sums(provider, report);
	if (report->left > 0)
		return cli_fail("%d resources could not be deprovisioned: "
				"remove them at the provider",
				report->left);
	return report->is_stopped || count_verdicts(report, VERIFY_FAILED) > 0
		? CLI_FAILED
		: status;
}
