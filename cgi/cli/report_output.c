#include "cgi/cli/report_output.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/report_total.h"
#include "cgi/cli/rows.h"
#include "lib/base/arena.h"
#include "lib/base/utf8.h"
#include "lib/text/csv.h"
#include "lib/text/json.h"

/* The member that is printed under the name of the column, or not at all. */
#define VALUE "value"

/* The columns of the table; CSV and JSON have all members. */
static const char *const table_columns[] = {
	"day",    VALUE,          "live",      "new",          "gone",
	"churn",  "moved_in",     "moved_out", "plan_changes", "sign_ons",
	"people", "ready_median", "ready_95",  "failed",
};

struct report_output {
	const struct cli *cli;
	const char *by;
	const char *columns[COUNT(table_columns) + 1];
	struct rows *table; /* NULL: CSV or JSON */
	struct report_total *total;
	bool has_header; /* of CSV */
	/* The last days that lack figures, or NULL. */
	const char *last_without_events, *last_without_people;
};

/* Return the name under which a member is printed, or NULL. */
static const char *printed_name(const char *by, const char *member)
{
	return strcmp(member, VALUE) == 0 ? by : member;
}

struct report_output *report_output_begin(const struct cli *cli, const char *by)
{
	struct report_output *output = arena_alloc(cli->arena, sizeof *output);
	int count = 0;

	output->cli = cli;
	output->by = by;
	if (cli_has(cli, OPTION_CSV) || cli_has(cli, OPTION_JSON))
		return output;
	for (size_t i = 0; i < COUNT(table_columns); i++) {
		const char *name = printed_name(by, table_columns[i]);

		if (name)
			output->columns[count++] = name;
	}
	output->table = rows_begin(cli, output->columns);
	output->total = report_total_create(cli->arena);
	return output;
}

/* ---- forms ---- */

static void print_csv_line(struct arena *arena, const char *line)
{
	puts(isatty(STDOUT_FILENO) ? utf8_for_terminal(arena, line) : line);
}

static const char *add_csv_field(struct arena *arena, const char *line,
				 const char *text)
{
	return arena_printf(arena, "%s%s%s", line ? line : "", line ? "," : "",
			    csv_field(arena, text));
}

static void print_csv(struct report_output *output, struct arena *arena,
		      const struct json *row)
{
	const char *header = NULL, *line = NULL;

	for (const struct json *m = json_first(row); m; m = json_next(m)) {
		const char *text = rows_text(arena, m);

		header = add_csv_field(arena, header, json_name(m));
		line = add_csv_field(arena, line, text ? text : "");
	}
	if (!output->has_header)
		print_csv_line(arena, header);
	output->has_header = true;
	print_csv_line(arena, line);
}

/* Add a row to the table, in which the day that has not ended is marked. */
static void add_to_report_table(struct report_output *output,
				struct arena *arena, const struct json *row)
{
	const char *day = json_text(json_member(row, "day"));
	struct json *line = json_object(arena);

	for (const struct json *m = json_first(row); m; m = json_next(m))
		if (strcmp(json_name(m), "day") != 0)
			json_refer(line, json_name(m), m);
	if (json_is_true(json_member(row, "so_far")))
		day = arena_printf(arena, "%s so far", day);
	json_put_text(line, "day", day);
	rows_add(output->table, line);
}

static void print_row(struct report_output *output, struct arena *arena,
		      const struct json *row)
{
	if (output->table)
		add_to_report_table(output, arena, row);
	else if (cli_has(output->cli, OPTION_CSV))
		print_csv(output, arena, row);
	else
		puts(json_print_for_terminal(arena, row));
}

/* ---- rows ---- */

static void note_removed(struct report_output *output, const struct json *row)
{
	const char *removed = json_text(json_member(row, "removed"));
	const char *day = json_text(json_member(row, "day"));

	if (!removed)
		return;
	output->last_without_people = arena_strdup(output->cli->arena, day);
	if (strcmp(removed, "events") == 0)
		output->last_without_events = output->last_without_people;
}

void report_output_add(struct report_output *output, struct arena *arena,
		       const struct json *row)
{
	struct json *printed = json_object(arena);

	for (const struct json *m = json_first(row); m; m = json_next(m)) {
		const char *name = printed_name(output->by, json_name(m));

		if (name)
			json_refer(printed, name, m);
	}
	note_removed(output, row);
	if (output->total)
		report_total_add(output->total, row);
	print_row(output, arena, printed);
}

static void warn_of_removed(const struct report_output *output)
{
	const char *events = output->last_without_events;
	const char *people = output->last_without_people;

	if (events)
		cli_fail("events until %s have been removed "
			 "(PROVISOR_KEEP_EVENTS): the figures that are counted "
			 "from them are empty",
			 events);
	if (people && (!events || strcmp(people, events) != 0))
		cli_fail("people who signed on until %s have been erased "
			 "(PROVISOR_PERSONAL_DATA): their number is empty",
			 people);
}

void report_output_end(struct report_output *output)
{
	struct json *total;

	if (output->table) {
		total = report_total_row(output->cli->arena, output->total);
		json_put_text(total, "day", "total");
		rows_add(output->table, total);
		rows_end(output->table);
	}
	warn_of_removed(output);
}
