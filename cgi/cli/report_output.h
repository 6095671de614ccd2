/*
 * report_output.h - prints the figures of provisor report: as a table with a
 * total, or with --csv or --json row by row.
 */
#ifndef CGI_CLI_REPORT_OUTPUT_H
#define CGI_CLI_REPORT_OUTPUT_H

struct arena;
struct cli;
struct json;
struct report_output;

/* Begin the output of figures by a column (NULL: not divided). */
struct report_output *report_output_begin(const struct cli *cli,
					  const char *by);

/* Print a row of report_count(), the next in order.  Memory is taken from the
 * arena, except for the table, which belongs to the command. */
void report_output_add(struct report_output *output, struct arena *arena,
		       const struct json *row);

/* End the output.  Print a warning if rows lack figures whose events have been
 * removed. */
void report_output_end(struct report_output *output);

#endif
