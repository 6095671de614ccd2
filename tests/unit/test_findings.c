#include "files.h"

#include "lib/base/log.h"

static void errors_are_counted_and_warnings_are_not(void)
{
	finding_error(&findings, "one");
	finding_warning(&findings, "two");
	finding_error(&findings, "three");
	assert_int_equal(findings.errors, 2);
}

static void findings_stay_in_order(void)
{
	finding_error(&findings, "%s: line %d", "keys", 1);
	finding_warning(&findings, "%s: line %d", "keys", 2);
	finding_error(&findings, "%s: line %d", "keys", 3);
	assert_string_equal(unit_findings(),
			    "error: keys: line 1\n"
			    "warning: keys: line 2\n"
			    "error: keys: line 3\n");
}

static void the_first_error_is_found(void)
{
	finding_warning(&findings, "one");
	assert_null(findings_first_error(&findings));
	finding_error(&findings, "two");
	assert_string_equal(findings_first_error(&findings), "two");
	finding_error(&findings, "three");
	finding_error(&findings, "four");
	assert_string_equal(findings_first_error(&findings),
			    "two (and 2 more)");
}

static void a_finding_of_a_field_has_both(void)
{
	finding_of_field(&findings, FINDING_WARNING, "manifest", "api.regions",
			 "is missing: add it");
	assert_string_equal(findings.first->text,
			    "manifest: api.regions is missing: add it");
	assert_string_equal(findings.first->field, "api.regions");
	assert_int_equal(findings.warnings, 1);
	finding_error(&findings, "keys: is missing");
	assert_null(findings.last->field);
}

static void findings_are_copied_with_their_fields(void)
{
	struct findings all = { .arena = arena };

	finding_of_field(&findings, FINDING_ERROR, "manifest", "id",
			 "is missing: add it");
	finding_ok(&findings, "keys: are valid");
	findings_add(&all, &findings);
	assert_int_equal(all.errors, 1);
	assert_string_equal(all.first->text, "manifest: id is missing: add it");
	assert_string_equal(all.first->field, "id");
	assert_int_equal(all.last->verdict, FINDING_OK);
	assert_null(all.last->field);
}

static void texts_are_copies(void)
{
	char name[] = "settings.json";

	finding_error(&findings, "%s", name);
	memset(name, 'x', sizeof name - 1);
	assert_string_equal(findings.first->text, "settings.json");
}

static void nothing_found_is_nothing_logged(void)
{
	const char *log = files_path("empty.log");

	assert_true(log_to(log));
	findings_log(&findings);
	assert_true(log_to("stderr"));
	assert_string_equal(files_read(log), "");
}

static void each_finding_is_a_line_of_its_level(void)
{
	const char *log = files_path("both.log");
	const char *text, *second;

	finding_error(&findings, "keys: holds no %s", "key");
	finding_warning(&findings, "password: is short, 100%% %s", "%s");
	assert_true(log_to(log));
	findings_log(&findings);
	assert_true(log_to("stderr"));
	text = files_read(log);
	second = strchr(text, '\n') + 1;
	assert_contains(text, "level=error msg=\"keys: holds no key\"\n");
	assert_contains(second,
			"level=warning "
			"msg=\"password: is short, 100% %s\"\n");
}

static void a_long_path_does_not_cost_the_remedy(void)
{
	char path[2000];

	memset(path, 'p', sizeof path);
	path[sizeof path - 1] = '\0';
	finding_error(&findings, "%s: chmod 600 it", path);
	assert_contains(findings.first->text, "chmod 600 it");
}

static struct unit_check checks[] = {
	{ "errors are counted and warnings are not",
	  errors_are_counted_and_warnings_are_not },
	{ "findings stay in their order", findings_stay_in_order },
	{ "the first error is found, and the others are counted",
	  the_first_error_is_found },
	{ "a finding of a field has both", a_finding_of_a_field_has_both },
	{ "findings are copied with their fields",
	  findings_are_copied_with_their_fields },
	{ "texts are copies", texts_are_copies },
	{ "without findings nothing is logged",
	  nothing_found_is_nothing_logged },
	{ "each finding is a log line of its level",
	  each_finding_is_a_line_of_its_level },
	{ "a long path does not cost the remedy",
	  a_long_path_does_not_cost_the_remedy },
};

int main(void)
{
	UNIT_CHECKS(checks);
	return unit_run("finding");
}
