/*
 * manifest_part.h - a manifest that is being read, for the files that each read
 * a part of it.
 */
#ifndef LIB_ADDON_MANIFEST_PART_H
#define LIB_ADDON_MANIFEST_PART_H

#include <stdbool.h>

#include "lib/addon/home_file.h"
#include "lib/base/base.h"

struct addon;
struct dialect_manifest;
struct findings;
struct json;

struct manifest {
	struct home_file file;
	struct addon *addon;
	const struct dialect_manifest *form;
	bool is_direct;         /* nobody calls the add-on */
	const struct json *api; /* the object with the members, which is the
				   document itself if form->api is NULL; NULL:
				   it is missing, and findings has the reason */
};

/* Read the manifest at path, as manifest_read() does.  Of addon, arena and home
 * are set. */
struct manifest manifest_read_file(struct addon *addon, const char *path,
				   const char *marketplace,
				   struct findings *findings);

/* Return the path of a member of api for findings, such as "api.password". */
const char *manifest_field(const struct manifest *m, const char *member);

/* Return true if array is an array of strings. */
MUST_CHECK bool manifest_is_array_of_strings(const struct json *array);

/* Return true if text is not empty and all of it is among characters. */
MUST_CHECK bool manifest_has_only(const char *text, const char *characters);

#define MANIFEST_DIGITS "0123456789"
#define MANIFEST_LOWER "abcdefghijklmnopqrstuvwxyz"
#define MANIFEST_UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

#endif
