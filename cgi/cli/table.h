/*
 * table.h - rows for people, or for programs.
 */
#ifndef CGI_CLI_TABLE_H
#define CGI_CLI_TABLE_H

#include <stdbool.h>

struct arena;
struct table;

/* A table with these columns, up to NULL; they are the members of the JSON
 * form too, in small letters with _ for blanks. */
struct table *table_create(struct arena *arena, const char *const columns[]);

/* Add a row with a text per column; NULL is empty, and null in JSON. */
void table_add(struct table *table, const char *const values[]);

/*
 * Print it to standard output: columns as wide as need be under a heading, or
 * with is_json an object a line.  Without it, texts are as utf8_for_terminal()
 * has them.
 */
void table_print(const struct table *table, bool is_json, bool has_colours);

#endif
