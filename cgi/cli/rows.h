/*
 * rows.h - shows what was found in the database: tables for people, with
 * --json an object a line.
 */
#ifndef CGI_CLI_ROWS_H
#define CGI_CLI_ROWS_H

#include <stdbool.h>

#include "lib/db/json_rows.h"

struct cli;
struct table;

/* Says that the database has failed; returns CLI_FAILED. */
int rows_fail(void);

/* Print rows with these members as the columns of a table, or all members with
 * --json.  Then print a warning if there are more rows.  NULL ends members. */
void rows_print(const struct cli *cli, const struct json_rows *found,
		const char *const members[]);

/* Print the table, for a command without --json. */
void rows_print_table(const struct cli *cli, const struct json_rows *found,
		      const char *const members[]);

/* Print the table of one row. */
void rows_print_one(const struct cli *cli, const struct json *row,
		    const char *const members[]);

/* A table with a line for each member of entry that is not null, to be added
 * to and printed. */
struct table *rows_fields(const struct cli *cli, const struct json *entry);

/* A value as it stands in a table.  NULL for JSON's null. */
const char *rows_text(struct arena *arena, const struct json *value);

#endif
