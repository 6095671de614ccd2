/*
 * report_total.h - adds the figures of days up, for the last line of a table.
 *
 * Numbers of people, and times, have no total: a person may come on several
 * days, and the median of a period does not follow from those of its days.
 */
#ifndef CGI_CLI_REPORT_TOTAL_H
#define CGI_CLI_REPORT_TOTAL_H

struct arena;
struct json;
struct report_total;

struct report_total *report_total_create(struct arena *arena);

/* Add a row of report_count(), the next in order. */
void report_total_add(struct report_total *total, const struct json *row);

/* Return an object with the members of a row that have a total: "live" at the
 * end of the last day, "churn" of the whole period, and sums.  One that a row
 * lacks is left out. */
struct json *report_total_row(struct arena *arena,
			      const struct report_total *total);

#endif
