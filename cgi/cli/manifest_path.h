/*
 * manifest_path.h - finds the manifest that a command is about.
 */
#ifndef CGI_CLI_MANIFEST_PATH_H
#define CGI_CLI_MANIFEST_PATH_H

#include "lib/base/base.h"

struct cli;

/*
 * Set *path to the file that is given, if it is not NULL; or else to the
 * manifest in the home of --addon, an add-on of marketplace; or else to that in
 * the current folder.  The file need not exist.  Print a warning for the older
 * name of a manifest.
 *
 * Return CLI_OK, or another exit status after printing why no file was found.
 */
MUST_CHECK int manifest_path_find(const struct cli *cli, const char *given,
				  const char *marketplace, const char **path);

#endif
