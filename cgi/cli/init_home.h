/*
 * init_home.h - writes the home of a new add-on.
 *
 * A home is written under a name that begins with a dot, which the pools do not
 * read, and renamed when it is complete.
 *
 * The files belong to the user of this process.  If root creates a home, the
 * pools' user can read it, and only root can change it: a program that has
 * taken over the pools' user must not replace the vendor's code.  Another user
 * may be able to write the folders above the home.  Files are therefore
 * created, renamed and removed relative to open folders, and no link is
 * followed.
 */
#ifndef CGI_CLI_INIT_HOME_H
#define CGI_CLI_INIT_HOME_H

#include <stdbool.h>
#include <sys/types.h>

#include "cgi/cli/init_files.h"
#include "lib/base/base.h"

struct arena;

/* The folder of a marketplace, which contains homes. */
struct init_folder {
	const char *path;
	int descriptor;  /* -1: not open */
	bool is_created; /* it did not exist */
};

struct init_home {
	struct arena *arena;
	const struct init_folder *folder;
	const char *path; /* of the home, in that folder */
	struct init_names names;
	enum addon_listener listener;
	gid_t readers;       /* the group of the pools' user; -1: no group */
	const char *written; /* its present name; NULL: nothing is written */
	int descriptor;      /* of the home; used if written is set */
};

/* Open the folder, and create it if it does not exist.  follows_links is false
 * if another user can write the folder above.  Return false after printing what
 * went wrong. */
MUST_CHECK bool init_folder_open(struct init_folder *folder,
				 bool follows_links);

/* Close the folder.  If removes is true, first remove it if
 * init_folder_open() created it. */
void init_folder_close(struct init_folder *folder, bool removes);

/*
 * Write the home under its temporary name, and rename it to its path.  Both
 * functions return false after printing what went wrong.  They never replace a
 * home.
 */
MUST_CHECK bool init_home_write(struct init_home *home);
MUST_CHECK bool init_home_place(struct init_home *home);

/* Print that path exists already.  Return false. */
MUST_CHECK bool init_home_refuse_existing(const char *path);

/* Close the home.  If removes is true, first remove all that was written. */
void init_home_close(const struct init_home *home, bool removes);

#endif
