/*
 * target.h - what the commands about one resource share.
 */
#ifndef CGI_CLI_TARGET_H
#define CGI_CLI_TARGET_H

#include <stdbool.h>

#include "lib/import/file.h"

struct addon;
struct addons;
struct arena;
struct cli;
struct db;
struct resource_list_query;
struct json;

/* Who is at the keyboard, as events tell it: "operator:USER". */
const char *target_operator(struct arena *arena);

/*
 * The one resource that the first word means.  NULL, and said, when there is
 * none or more than one.
 */
const struct json *target_one(const struct cli *cli, struct db *db);

/* The add-on of a marketplace.  NULL, and said, when it has no valid home. */
const struct addon *target_addon(const struct addons *addons,
				 const char *marketplace, const char *id);

/* What the options ask for.  False, and said, when they cannot be read. */
bool target_read_query(const struct cli *cli,
		       struct resource_list_query *query);

/* What --format says, or the end of path (NULL: none).  False, and said, when
 * it is no format. */
bool target_read_format(const struct cli *cli, const char *path,
			enum import_format *format);

/* A table of this one. */
void target_print(const struct cli *cli, const struct json *resource);

#endif
