/*
 * manifest_file.h - the vendor's file of a manifest that is exchanged with the
 * marketplace.
 */
#ifndef CGI_CLI_MANIFEST_FILE_H
#define CGI_CLI_MANIFEST_FILE_H

#include "lib/base/base.h"

struct cli;
struct json;

struct manifest_file {
	const char *path;
	const char *text;            /* NULL: there is no file */
	const struct json *document; /* an object; NULL: there is no file */
	const char *id;              /* NULL: it has none */
};

/*
 * Find the file (manifest_path.h: --manifest, --addon or the current folder)
 * and read it.  Return CLI_OK, also if it does not exist, or another exit
 * status after printing what is wrong with it.
 */
MUST_CHECK int manifest_file_read(const struct cli *cli,
				  struct manifest_file *file);

/* Return CLI_OK if the file can be replaced: it is not a link, which another
 * user could have put there, and its folder can be written.  Otherwise return
 * CLI_FAILED after printing the reason. */
MUST_CHECK int manifest_file_check_place(const struct cli *cli,
					 const struct manifest_file *file);

/*
 * Replace the file with this manifest, in the form that Heroku's tools write.
 * It keeps its owner, group and mode; a new one is private.  Return CLI_OK, or
 * CLI_FAILED after printing why it is unchanged, for example because it has
 * changed since it was read.
 */
MUST_CHECK int manifest_file_replace(const struct cli *cli,
				     const struct manifest_file *file,
				     const struct json *manifest);

#endif
