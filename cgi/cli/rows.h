/*
 * rows.h - shows what was found in the database: tables for people, with
 * --json an object a line.
 */
#ifndef CGI_CLI_ROWS_H
#define CGI_CLI_ROWS_H

#include <stdbool.h>

#include "lib/db/json_rows.h"

struct ctl;
struct table;

/* Says that the database has failed; returns CTL_FAILED. */
int ctl_entries_fail(void);

/* What --limit N says, or a usual one.  False, and said, when it is no limit.
 */
bool ctl_entries_read_limit(const struct ctl *ctl, int *limit);

/* Print them, in a table with these members as its columns, up to NULL; --json
 * has all members. */
void ctl_entries_print(const struct ctl *ctl, const struct entries *found,
		       const char *const members[]);

/* Print that table of one, --json or not. */
void ctl_entries_print_row(const struct ctl *ctl, const struct json *entry,
			   const char *const members[]);

/* Say that there are more, if so. */
void ctl_entries_warn_of_cut(const struct entries *found);

/* A table with a line for each member of entry that is not null, to be added
 * to and printed. */
struct table *ctl_entries_fields(const struct ctl *ctl,
				 const struct json *entry);

/* A value as it stands in a table.  NULL for JSON's null. */
const char *ctl_entries_text(struct arena *arena, const struct json *value);

#endif
