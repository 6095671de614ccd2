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
struct ctl;
struct db;
struct inventory_query;
struct json;

/* Who is at the keyboard, as events tell it: "operator:USER". */
const char *ctl_resources_operator(struct arena *arena);

/*
 * The one resource that the first word means.  NULL, and said, when there is
 * none or more than one.
 */
const struct json *ctl_resources_one(const struct ctl *ctl, struct db *db);

/* The add-on of a marketplace.  NULL, and said, when it has no valid home. */
const struct addon *ctl_resources_addon(const struct addons *addons,
					const char *marketplace,
					const char *id);

/* What the options ask for.  False, and said, when they cannot be read. */
bool ctl_resources_read_query(const struct ctl *ctl,
			      struct inventory_query *query);

/* What --format says, or the end of path (NULL: none).  False, and said, when
 * it is no format. */
bool ctl_resources_read_format(const struct ctl *ctl, const char *path,
			       enum resource_format *format);

/* A table of this one. */
void ctl_resources_print(const struct ctl *ctl, const struct json *resource);

#endif
