/*
 * init_files.h - the files of a new add-on's home.
 *
 * Their texts are in skeleton/, which the build embeds.  The manifest equals
 * the one that the marketplace's own tool generates, if it has one, with new
 * secrets.
 */
#ifndef CGI_CLI_INIT_FILES_H
#define CGI_CLI_INIT_FILES_H

#include <sys/types.h>

#include "lib/addon/addon.h"

struct arena;
struct dialect;

struct init_file {
	const char *name;             /* within the home */
	enum addon_listener listener; /* only homes with this listener have the
					 file; ADDON_NO_LISTENER: all homes */
	mode_t mode;
	const char *skeleton;
};

struct init_names {
	const struct dialect *dialect;
	const char *url;  /* no slash at its end, nothing that JSON escapes */
	const char *slug; /* lower-case letters, digits and dashes */
};

/* The table ends with a file whose name is NULL. */
extern const struct init_file init_files[];

/* Return the text of a file: its skeleton with all names filled in. */
const char *init_files_text(struct arena *arena, const struct init_file *file,
			    const struct init_names *names);

#endif
