/*
 * secret_file.h - reads a secret from a file, because all users of a host can
 * read the arguments of a command.
 */
#ifndef CGI_CLI_SECRET_FILE_H
#define CGI_CLI_SECRET_FILE_H

#include "lib/base/base.h"

struct cli;

/*
 * Set *secret to the first line of the file at path, which option, such as
 * "--token-file", names; "-" is standard input.  Return CLI_OK, or CLI_FAILED
 * after printing that the file cannot be read, that other users than its owner
 * can read or change it, or that its first line is empty or longer than 4 KiB.
 */
MUST_CHECK int cli_read_secret(const struct cli *cli, const char *option,
			       const char *path, const char **secret);

#endif
