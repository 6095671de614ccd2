/*
 * rows.h - prints JSON objects, such as rows of the database: as a table, or
 * with --json as one object per line.
 *
 * The columns of a table are members of the objects; JSON has all members.
 */
#ifndef CGI_CLI_ROWS_H
#define CGI_CLI_ROWS_H

struct arena;
struct cli;
struct json;
struct json_rows;
struct rows;

/* Print that the database failed.  Return CLI_FAILED. */
int rows_fail(void);

/* Begin, add to and end a list.  columns ends with NULL.  texts has a text for
 * each column; a NULL text is an empty cell, or null in JSON. */
struct rows *rows_begin(const struct cli *cli, const char *const columns[]);
void rows_add(struct rows *rows, const struct json *object);
void rows_add_texts(struct rows *rows, const char *const texts[]);
void rows_end(struct rows *rows);

/* Print rows from the database, and a warning if there are more. */
void rows_print(const struct cli *cli, const struct json_rows *found,
		const char *const columns[]);

/* Print a page of rows, each with an "id".  If it is cut, print how many of
 * all rows it has, and how to list the next page. */
void rows_print_page(const struct cli *cli, const struct json_rows *found,
		     const char *const columns[]);

/* Print count objects as a table, even with --json. */
void rows_print_table(const struct cli *cli, const struct json *const objects[],
		      int count, const char *const columns[]);

/* Print one object: a line for each member that is not null, or JSON. */
void rows_print_fields(const struct cli *cli, const struct json *object);

/* Return a value as text, or NULL for NULL and for JSON's null. */
const char *rows_text(struct arena *arena, const struct json *value);

#endif
