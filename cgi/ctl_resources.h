/*
 * ctl_resources.h - what the commands about one resource share.
 */
#ifndef CTL_RESOURCES_H
#define CTL_RESOURCES_H

struct arena;
struct ctl;
struct db;
struct json;

/* Who is at the keyboard, as events tell it: "operator:USER". */
const char *ctl_resources_operator(struct arena *arena);

/*
 * The one resource that the first word means.  NULL, and said, when there is
 * none or more than one.
 */
const struct json *ctl_resources_one(const struct ctl *ctl, struct db *db);

/* A table of this one. */
void ctl_resources_print(const struct ctl *ctl, const struct json *resource);

#endif
