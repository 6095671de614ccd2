/*
 * list.h - reads a marketplace's list of resources from a file.
 *
 * The file is what a partner portal or an API lists: CSV with a header, or
 * JSON: one array of objects, or an object per line.  These members are read,
 * by one of their names; others are ignored:
 *
 * id, uuid, marketplace_id   the marketplace's id
 * provider_id                the id in our response
 * plan                       its name, or an object with a "name"
 * state                      provisioned, provisioning or deprovisioned
 *
 * Each resource needs one of the ids.  The file is read record by record, and
 * only these members are kept: about 100 bytes for each resource.
 */
#ifndef LIB_RECONCILE_LIST_H
#define LIB_RECONCILE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/base.h"

struct arena;
struct findings;

struct reconcile_listed {
	const char *marketplace_id; /* or NULL */
	const char *provider_id;    /* or NULL */
	const char *plan;  /* without "SERVICE:"; NULL: not in the list */
	const char *state; /* default: "provisioned" */
};

struct reconcile_list {
	const char *path;
	int64_t written_at; /* seconds since 1970, from the file's time */
	int count;
	struct reconcile_listed *resources;
	/* Of both ids, sorted. */
	size_t id_count;
	struct reconcile_listed_id *ids;
};

/* Read a file.  Each error in findings names the file and the line, or the
 * element of the array; after a hundred errors, the rest is not read.  A file
 * without any resource is an error. */
void reconcile_list_read(struct arena *arena, const char *path, bool is_csv,
			 struct reconcile_list *list,
			 struct findings *findings);

/* Return the resource that has one of these ids, which may be NULL, or NULL. */
const struct reconcile_listed *
reconcile_list_find(const struct reconcile_list *list,
		    const char *marketplace_id, const char *provider_id);

#endif
