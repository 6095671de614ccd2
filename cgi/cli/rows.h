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

/* What --limit N says, or a usual one.  False, and said, when it is no limit.
 */
bool rows_read_limit(const struct cli *cli, int *limit);

/* Print them, in a table with these members as its columns, up to NULL; --json
 * has all members. */
void rows_print(const struct cli *cli, const struct json_rows *found,
		const char *const members[]);

/* Print that table of one, --json or not. */
void rows_print_row(const struct cli *cli, const struct json *entry,
		    const char *const members[]);

/* Say that there are more, if so. */
void rows_warn_of_cut(const struct json_rows *found);

/* A table with a line for each member of entry that is not null, to be added
 * to and printed. */
struct table *rows_fields(const struct cli *cli, const struct json *entry);

/* A value as it stands in a table.  NULL for JSON's null. */
const char *rows_text(struct arena *arena, const struct json *value);

#endif
