/*
 * report.c - provisor report.
 */
#include "lib/store/report.h"

#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/commands.h"
#include "cgi/cli/report_output.h"
#include "cgi/cli/rows.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/db/json_rows.h"
#include "lib/text/iso8601.h"
#include "lib/text/number.h"

enum {
	SECONDS = 24 * 60 * 60, /* of a day */
	MOST_DAYS = 3660,
	/* The days of a statement, which must take less than 5 s. */
	DAYS_OF_LIVES = 32,
	DAYS_OF_EVENTS = 8
};

/* ---- options ---- */

/* Read a date, or the day that is a duration ago. */
static bool read_day(struct arena *arena, const char *text, int64_t *day)
{
	int64_t ago, seconds;

	if (number_read_duration(text, &ago))
		seconds = (clock_wall() - ago) / 1000;
	else if (!iso8601_read(arena_printf(arena, "%sT00:00:00Z", text),
			       &seconds))
		return false;
	*day = seconds / SECONDS;
	return true;
}

/* Return false after printing what is wrong with an option. */
static bool read_days(const struct cli *cli, struct report_days *days)
{
	const char *until = cli_option(cli, OPTION_UNTIL);
	int64_t today = clock_wall() / 1000 / SECONDS;

	days->last = today;
	if (!read_day(cli->arena, cli_option(cli, OPTION_SINCE), &days->first)
	    || (until && !read_day(cli->arena, until, &days->last)))
		cli_refuse("options --since and --until must be a date such as "
			   "2026-03-31, or a duration such as 30d");
	else if (days->first < 0)
		cli_refuse("option --since must not be before 1970-01-01");
	else if (days->last > today)
		cli_refuse("option --until must not be later than today, in "
			   "UTC");
	else if (days->first > days->last)
		cli_refuse("option --since must not be later than %s",
			   until ? "--until" : "today, in UTC");
	else if (days->last - days->first >= MOST_DAYS)
		cli_refuse("options --since and --until must be less than %d "
			   "days apart",
			   MOST_DAYS);
	else
		return true;
	return false;
}

static bool is_reported_column(const char *name)
{
	static const char *const columns[] = { "addon", "marketplace", "plan",
					       "region" };

	for (size_t i = 0; i < COUNT(columns); i++)
		if (strcmp(columns[i], name) == 0)
			return true;
	return false;
}

/* Return false after printing what is wrong with an option. */
static bool read_report_query(const struct cli *cli, struct report_query *query)
{
	*query = (struct report_query){
		.marketplace = cli_option(cli, OPTION_MARKETPLACE),
		.addon = cli_option(cli, OPTION_ADDON),
		.by = cli_option(cli, OPTION_BY),
	};
	if (query->by && !is_reported_column(query->by))
		cli_refuse("option --by must be addon, marketplace, plan or "
			   "region");
	else if (cli_has(cli, OPTION_CSV) && cli_has(cli, OPTION_JSON))
		cli_refuse("options --csv and --json exclude each other");
	else
		return true;
	return false;
}

/* ---- days ---- */

/* What prints days; all but the memory and the lives lasts for the command. */
struct printer {
	struct db *db;
	const struct report_query *query;
	struct report_output *output;
	struct arena *arena; /* for some days */
	const char *lives;   /* of these days */
};

/* Continue the days after those of part, up to most of them.  Return false
 * after the last one. */
static bool continue_days(const struct report_days *all, int most,
			  struct report_days *part)
{
	part->first = part->last + 1;
	part->last += most;
	if (part->last > all->last)
		part->last = all->last;
	return part->first <= all->last;
}

/* Return false after a message, as the functions below do. */
static bool print_report_rows(const struct printer *printer,
			      const struct report_days *days)
{
	const struct db_rows *rows;

	if (report_count_events(printer->db, printer->arena, printer->query,
				days, printer->lives, &rows)
	    != OUTCOME_OK) {
		rows_fail();
		return false;
	}
	for (int i = 0; i < db_count(rows); i++) {
		const struct json *row =
			json_rows_object(rows, printer->arena, i);

		if (!row)
			return false;
		report_output_add(printer->output, printer->arena, row);
	}
	return true;
}

static bool print_days(struct printer *printer, const struct report_days *days)
{
	struct report_days part = { .last = days->first - 1 };

	if (report_count_lives(printer->db, printer->arena, printer->query,
			       days, &printer->lives)
	    != OUTCOME_OK) {
		rows_fail();
		return false;
	}
	while (continue_days(days, DAYS_OF_EVENTS, &part))
		if (!print_report_rows(printer, &part))
			return false;
	return true;
}

/* Print the days part by part, so that no statement takes too long, and a long
 * period needs no more memory. */
static bool print_report(struct printer *printer,
			 const struct report_days *days)
{
	struct report_days part = { .last = days->first - 1 };
	bool is_printed = true;

	while (is_printed && continue_days(days, DAYS_OF_LIVES, &part)) {
		is_printed = print_days(printer, &part);
		arena_reset(printer->arena);
	}
	return is_printed;
}

int cli_report(const struct cli *cli)
{
	struct report_query query;
	struct report_days days;
	struct printer printer = { .query = &query };
	bool is_printed;

	if (!read_report_query(cli, &query) || !read_days(cli, &days))
		return CLI_USAGE;
	printer.output = report_output_begin(cli, query.by);
	printer.db = db_open(cli->settings.database);
	printer.arena = arena_create();
	is_printed = print_report(&printer, &days);
	arena_destroy(printer.arena);
	db_close(printer.db);
	if (!is_printed)
		return CLI_FAILED;
	report_output_end(printer.output);
	return CLI_OK;
}
