/*
 * target.h - finds the resource that a command is about.
 */
#ifndef CGI_CLI_TARGET_H
#define CGI_CLI_TARGET_H

struct addon;
struct addons;
struct cli;
struct db;
struct json;

/*
 * The resource whose id is the first word, chosen with --marketplace and
 * --addon if several have it.  Return NULL after printing that none or several
 * have it, or that the database failed.
 */
const struct json *target_find(const struct cli *cli, struct db *db);

/* A member of a resource, such as "id"; NULL if it is null. */
const char *target_text(const struct json *resource, const char *member);

/* The add-on of a marketplace.  Return NULL after printing that it has no valid
 * home. */
const struct addon *target_addon(const struct addons *addons,
				 const char *marketplace, const char *id);

#endif
