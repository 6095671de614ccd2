/*
 * resources.h - functions that the commands about several resources share.
 */
#ifndef CGI_CLI_RESOURCES_H
#define CGI_CLI_RESOURCES_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/import/file.h"

struct cli;
struct json;
struct resource_list_query;

/* Read --marketplace, --addon, --state, --plan and --since.  Return false after
 * printing what is wrong with them. */
MUST_CHECK bool resources_read_query(const struct cli *cli,
				     struct resource_list_query *query);

/* Read --format, or else derive the format from the end of path, which may be
 * NULL.  Return false after printing what is wrong with it. */
MUST_CHECK bool resources_read_format(const struct cli *cli, const char *path,
				      enum import_format *format);

/* Print one resource as a table. */
void resources_print_one(const struct cli *cli, const struct json *resource);

#endif
