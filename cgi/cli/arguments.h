/*
 * arguments.h - parses the command line with getopt_long().
 *
 * Options may stand before, between and after the other arguments, have their
 * value after "=" or as the next argument, and be abbreviated; "--" ends them.
 */
#ifndef CGI_CLI_ARGUMENTS_H
#define CGI_CLI_ARGUMENTS_H

#include "lib/base/base.h"

struct cli;
struct command;
struct option_spec;

/* The options of every command, and NULL: --env, --help and --version.  They
 * may also stand before the command's name. */
extern const struct option_spec *const arguments_global[];

/*
 * Fill cli->command, words, count, given and env_file from all arguments of the
 * program, its name included.  Needs cli->arena and cli->commands, which must
 * have commands "help" and "version": --help and --version run these.
 *
 * Return CLI_OK.  Otherwise return CLI_USAGE after printing what is wrong.
 */
MUST_CHECK int arguments_read(struct cli *cli, int count, char **arguments);

#endif
