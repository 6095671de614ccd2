#include "cgi/cli/report_total.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/text/json.h"

enum { DAY_SIZE = sizeof "2016-03-03" };

enum days { EVERY_DAY, FIRST_DAY, LAST_DAY };

/* The figures of which days are added up. */
enum figure { LIVE_BEFORE, LIVE, NEW, GONE, OTHERS };
static const struct {
	const char *name;
	enum days days;
} figures[] = {
	[LIVE_BEFORE] = { "live_before", FIRST_DAY },
	[LIVE] = { "live", LAST_DAY },
	[NEW] = { "new", EVERY_DAY },
	[GONE] = { "gone", EVERY_DAY },
	[OTHERS] = { "moved_in", EVERY_DAY },
	{ "moved_out", EVERY_DAY },
	{ "plan_changes", EVERY_DAY },
	{ "sign_ons", EVERY_DAY },
	{ "failed", EVERY_DAY },
};

struct report_total {
	char first_day[DAY_SIZE], day[DAY_SIZE];
	struct sum {
		int64_t sum;
		bool is_unknown; /* a row lacks the figure */
	} sums[COUNT(figures)];
};

struct report_total *report_total_create(struct arena *arena)
{
	return arena_alloc(arena, sizeof(struct report_total));
}

static void begin_day(struct report_total *total, const char *day)
{
	if (!*total->first_day)
		snprintf(total->first_day, DAY_SIZE, "%s", day);
	snprintf(total->day, DAY_SIZE, "%s", day);
	for (size_t i = 0; i < COUNT(figures); i++)
		if (figures[i].days == LAST_DAY)
			total->sums[i] = (struct sum){ 0 };
}

static void add_figure(struct sum *sum, const struct json *value)
{
	sum->is_unknown = sum->is_unknown || json_is_null(value);
	sum->sum += json_integer(value, 0);
}

void report_total_add(struct report_total *total, const struct json *row)
{
	const char *day = json_text(json_member(row, "day"));

	if (strcmp(day, total->day) != 0)
		begin_day(total, day);
	for (size_t i = 0; i < COUNT(figures); i++)
		if (figures[i].days != FIRST_DAY
		    || strcmp(day, total->first_day) == 0)
			add_figure(&total->sums[i],
				   json_member(row, figures[i].name));
}

/* Return the percentage of the resources before the first day that are gone,
 * or NULL. */
static const char *total_churn(struct arena *arena,
			       const struct report_total *total)
{
	const struct sum *before = &total->sums[LIVE_BEFORE];
	const struct sum *gone = &total->sums[GONE];

	if (before->is_unknown || gone->is_unknown || before->sum == 0)
		return NULL;
	return arena_printf(arena, "%.2f",
			    100 * (double)gone->sum / (double)before->sum);
}

struct json *report_total_row(struct arena *arena,
			      const struct report_total *total)
{
	struct json *row = json_object(arena);

	json_put_text(row, "churn", total_churn(arena, total));
	for (size_t i = 0; i < COUNT(figures); i++)
		if (!total->sums[i].is_unknown)
			json_put_text(row, figures[i].name,
				      arena_printf(arena, "%" PRId64,
						   total->sums[i].sum));
	return row;
}
