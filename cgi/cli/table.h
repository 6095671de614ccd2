/*
 * table.h - prints rows of text as a table.
 *
 * On a terminal, long texts are wrapped if the other columns leave enough room;
 * elsewhere, each row is one line.  Only this module includes libsmartcols.
 */
#ifndef CGI_CLI_TABLE_H
#define CGI_CLI_TABLE_H

#include <stdbool.h>

struct arena;
struct table;

/* Create a table that lives in the arena.  headings ends with NULL. */
struct table *table_create(struct arena *arena, const char *const headings[]);

/* Add a row with a text for each column; NULL is an empty cell.  Control
 * characters are replaced, as utf8_for_terminal() does. */
void table_add(struct table *table, const char *const texts[]);

/* Print the table to standard output.  With colours, the headings are bold. */
void table_print(struct table *table, bool has_colours);

#endif
