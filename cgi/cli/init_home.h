/*
 * init_home.h - writes the home of a new add-on.
 *
 * A home is written under a name that begins with a dot, which the pools do not
 * read, and renamed when it is complete.
 */
#ifndef CGI_CLI_INIT_HOME_H
#define CGI_CLI_INIT_HOME_H

#include <stdbool.h>
#include <sys/types.h>

#include "cgi/cli/init_files.h"
#include "lib/base/base.h"

struct arena;

/* The owner of the written files, if this process is root. */
struct init_owner {
	uid_t user;
	gid_t group;
};

struct init_home {
	struct arena *arena;
	const char *folder; /* of the marketplace */
	const char *path;   /* of the home, in that folder */
	struct init_names names;
	enum addon_listener listener;
	struct init_owner owner;
	const char *written; /* its present path; NULL: nothing is written */
};

/* Create the folder of a marketplace.  Set *created if it did not exist.
 * Return false after printing what went wrong. */
MUST_CHECK bool init_home_create_folder(const char *path,
					const struct init_owner *owner,
					bool *created);

/*
 * Write the home under its temporary name, and rename it to its path.  Both
 * functions return false after printing what went wrong.  They never replace a
 * home.
 */
MUST_CHECK bool init_home_write(struct init_home *home);
MUST_CHECK bool init_home_place(struct init_home *home);

/* Print that path exists already.  Return false. */
bool init_home_refuse_existing(const char *path);

/* Remove the files that were written, if any. */
void init_home_remove(const struct init_home *home);

#endif
