/*
 * row.h - what a line of a file of resources may say, and how.
 */
#ifndef LIB_IMPORT_ROW_H
#define LIB_IMPORT_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/store/resource.h"

struct addon;
struct arena;
struct findings;
struct json;
struct import_member;

/* What a line says.  What it does not is NULL, or 0. */
struct import_row {
	int line;
	/* Its texts, with log_drain_url open, options and owner as sorted JSON,
	 * and its state, which is provisioned or deprovisioned. */
	struct resource told;
	const struct json *config;  /* an object of texts */
	const struct json *secrets; /* the same: those a template made */
	int64_t created_at;         /* s since 1970 */
	int64_t deprovisioned_at;
};

/* A file that is being read. */
struct import_reading {
	struct arena *arena;
	const char *path;
	const struct addon *addon;
	struct findings *findings;
	int line;
	/* For import_member_read_all() alone. */
	const struct import_member *member;
	const struct json *value;
	struct import_row *row;
};

/* Read and check the object of a line into *row. */
void import_member_read_all(struct import_reading *reading,
			    const struct json *object, struct import_row *row);

/* An error in findings, about the member of that name in this line. */
void import_member_complain(struct import_reading *reading, const char *name,
			    const char *remedy);

/* Their names in the order of CSV, from 0; NULL behind the last. */
const char *import_member_name(int number);

bool import_member_is_known(const char *name);

/* Does it stand as JSON in CSV? */
bool import_member_is_object(const char *name);

#endif
