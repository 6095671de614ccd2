#include "unit.h"

#include "lib/metrics/counters.h"
#include "lib/store/job.h"

enum { DRAWS = 500 };

static struct back_off_row {
	const char *name;
	int attempt;
	int64_t least, most; /* ms */
} rows[] = {
	{ "the first failure costs a second or two", 1, 1000, 2000 },
	{ "the second costs twice that", 2, 2000, 4000 },
	{ "the eleventh costs half an hour", 11, 1024000, 2048000 },
	{ "none costs more than an hour", 12, 1800000, 3600000 },
	{ "not even after a year", 9000, 1800000, 3600000 },
};

static void back_off_is_as_expected(void **state)
{
	const struct back_off_row *row = *state;
	int64_t least = INT64_MAX, most = 0;

	for (int i = 0; i < DRAWS; i++) {
		int64_t delay = job_back_off(row->attempt);

		least = delay < least ? delay : least;
		most = delay > most ? delay : most;
	}
	assert_in_range(least, row->least, row->most);
	assert_in_range(most, row->least, row->most);
	/* Those that failed together do not come again together. */
	assert_true(most - least > (row->most - row->least) / 2);
}

static void names_lead_back(void)
{
	for (int i = 0; i < JOB_KINDS; i++) {
		enum job_kind kind = JOB_KINDS;

		assert_true(job_kind_named(job_kinds[i].name, &kind));
		assert_int_equal(kind, i);
	}
}

static void metrics_know_each_kind(void)
{
	for (int i = 0; i < JOB_KINDS; i++)
		assert_string_equal(metrics_kind_names[i], job_kinds[i].name);
}

static struct unit_check checks[] = {
	{ "a kind is found by its name", names_lead_back },
	{ "metrics count each kind by its own name", metrics_know_each_kind },
};

int main(void)
{
	UNIT_ROWS(rows, back_off_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("job");
}
