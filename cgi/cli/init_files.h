/*
 * init_files.h - what the files of a new add-on's home say.
 */
#ifndef CGI_CLI_INIT_FILES_H
#define CGI_CLI_INIT_FILES_H

#include <sys/types.h>

#include "lib/addon/addon.h"

struct arena;
struct dialect;

struct init_files {
	const struct dialect *dialect;
	const char *url;  /* no slash at its end, nothing that JSON escapes */
	const char *slug; /* of lower-case letters, digits and dashes */
};

struct init_files_file {
	const char *name;         /* within the home */
	enum addon_listener kind; /* that has it; ADDON_NO_LISTENER: each */
	mode_t mode;
	const char *(*text)(struct arena *arena, const struct init_files *home);
};

/* All a home may have, up to one whose name is NULL.  The manifest is as the
 * marketplace's own tool generates it, with new secrets; its one config var
 * gets a value from the template, the hooks or the library. */
extern const struct init_files_file new_home_files[];

#endif
