/*
 * option_file.h - reads a file that an option names.
 *
 * The path "-" is standard input.  Texts belong to the arena of the command.
 */
#ifndef CGI_CLI_OPTION_FILE_H
#define CGI_CLI_OPTION_FILE_H

#include <stddef.h>

#include "lib/base/base.h"

struct cli;
struct json;

/* Return the text of the file at path, which option, such as "--body", names,
 * and set *length.  Return NULL after printing why it cannot be read. */
MUST_CHECK const char *cli_read_file(const struct cli *cli, const char *option,
				     const char *path, size_t *length);

/* Set *text, which may be NULL, and *value to the JSON in the file.  Return
 * CLI_OK, or another exit status after printing why the file cannot be read or
 * is not JSON. */
MUST_CHECK int cli_read_json(const struct cli *cli, const char *option,
			     const char *path, const char **text,
			     const struct json **value);

#endif
