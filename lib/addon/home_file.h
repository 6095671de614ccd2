/*
 * home_file.h - reads the files of an add-on's home.
 *
 * The manifest, settings.json, template.json and the file of a client secret
 * are read here.  Each fault becomes a finding that names the file, the field
 * and the remedy.
 */
#ifndef LIB_ADDON_HOME_FILE_H
#define LIB_ADDON_HOME_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/base.h"

struct addon;
struct addon_secrets;
struct arena;
struct findings;
struct json;

/* A JSON file of a home.  Everything belongs to the arena or is borrowed. */
struct home_file {
	struct arena *arena;
	struct findings *findings;
	const char *path;
	const char *text; /* the content; NULL: it could not be read */
	const struct json *document; /* an object; NULL: it could not be read,
					and findings has the reason */
};

/* Return true if the folder home has a file or folder of this name. */
MUST_CHECK bool home_file_exists(struct arena *arena, const char *home,
				 const char *name);

/* Read the file at path, of at most 1 MiB. */
struct home_file home_file_read(struct arena *arena, const char *path,
				struct findings *findings);

/* Add "PATH: FIELD PROBLEM" to the findings of file.  The problem includes the
 * remedy. */
void home_file_error(const struct home_file *file, const char *field,
		     const char *problem, ...)
	__attribute__((format(printf, 3, 4)));
void home_file_warn(const struct home_file *file, const char *field,
		    const char *problem, ...)
	__attribute__((format(printf, 3, 4)));

/* Return true if the name of member is among count names. */
MUST_CHECK bool home_file_is_known(const struct json *member,
				   const char *const names[], size_t count);

/*
 * Add an error for each member of object whose name is not among count names:
 * ignoring a misspelled member does more harm than refusing it.
 * prefix, such as "plans.", is put before its name.
 */
void home_file_refuse_unknown(const struct home_file *file, const char *prefix,
			      const struct json *object,
			      const char *const names[], size_t count);

/* Add value, the content of field, to secrets.  If it is short or a published
 * sample, add an error instead. */
void home_file_take_secret(const struct home_file *file, const char *field,
			   const char *value, struct addon_secrets *secrets);

/* Do the same for a secret that is being rotated out.  A short one is only a
 * warning, because it could not be replaced otherwise. */
void home_file_take_old_secret(const struct home_file *file, const char *field,
			       const char *value,
			       struct addon_secrets *secrets);

/* Return the only line of another file, without trailing blanks.  field names
 * the path in findings.  Return NULL after adding an error to findings if the
 * file cannot be read or is not a single line. */
MUST_CHECK const char *home_file_read_line(const struct home_file *file,
					   const char *field, const char *path);

#endif
