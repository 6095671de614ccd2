/*
 * manifest_remote.h - the marketplace's side of the commands for manifests.
 */
#ifndef CGI_CLI_MANIFEST_REMOTE_H
#define CGI_CLI_MANIFEST_REMOTE_H

#include "lib/base/base.h"
#include "lib/platform/manifest_api.h"

struct cli;
struct dialect;
struct manifest_file;

/* Return the dialect of the marketplace that exchanges manifests. */
const struct dialect *manifest_remote_dialect(void);

/*
 * Set *slug to the first word of the command or, without one, to the id in the
 * file.  Return CLI_OK, or CLI_FAILED after printing that there is neither, or
 * that the two differ.
 */
MUST_CHECK int manifest_remote_slug(const struct cli *cli,
				    const struct manifest_file *file,
				    const char **slug);

/* Prepare calls to --host with the token in --token-file; the caller ends them
 * with manifest_remote_close().  Return CLI_OK, or another exit status after
 * printing what is wrong with these options. */
MUST_CHECK int manifest_remote_open(const struct cli *cli,
				    struct manifest_api *api);
void manifest_remote_close(struct manifest_api *api);

/* Print why a call about the add-on failed.  Return CLI_FAILED. */
int manifest_remote_fail(const char *slug, const struct manifest_reply *reply);

#endif
