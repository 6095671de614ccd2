/*
 * row.h - reads and checks one line of a file of resources.
 */
#ifndef LIB_IMPORT_ROW_H
#define LIB_IMPORT_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/store/resource.h"

struct addon;
struct arena;
struct findings;
struct json;

/* The content of a line.  An absent member is NULL, or 0. */
struct import_row {
	int line;
	/* Only its texts and its state are set.  Options and owner are sorted
	 * JSON, and neither options nor log_drain_url is sealed. */
	struct resource resource;
	const struct json *config;  /* an object of strings, sorted */
	const struct json *secrets; /* the same, for a template */
	/* Without a digest: the request is not described by the row, so every
	 * create request for the resource counts as a repeated one. */
	bool has_unknown_request;
	int64_t created_at; /* s since 1970 */
	int64_t deprovisioned_at;
	int64_t kept_until; /* of a kept resource */
};

/* A file that is being read. */
struct import_reader {
	struct arena *arena;
	const char *path;
	const struct addon *addon;
	struct findings *findings;
	int line;
};

/* Read and check the object of a line.  Add errors to the
 * findings. */
void import_row_read(struct import_reader *reader, const struct json *object,
		     struct import_row *row);

/* Add an error about a member of the current line to the findings.  remedy says
 * what is wrong and how to correct it. */
void import_row_error(struct import_reader *reader, const char *member,
		      const char *remedy);

/* Return the name of a member, from 0 in the order of CSV columns, or NULL if
 * there are no more. */
const char *import_row_member(int number);

/* Return false if no resource of a file can be in the state of this name: it is
 * between two states. */
MUST_CHECK bool import_row_state_named(const char *name,
				       enum resource_state *state);

MUST_CHECK bool import_row_has_member(const char *name);

/* Return true if a CSV field of this member is JSON. */
MUST_CHECK bool import_row_member_is_json(const char *name);

#endif
