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

/* The options of every command (--env, --help and --version), and NULL.  They
 * may also stand before the command's name. */
extern const struct option_spec *const arguments_global[];

/*
 * Fill cli->command, words, count, given and env_file from all arguments of the
 * program, including its name.  The caller sets cli->arena and cli->commands, a
 * table that must contain "help" and "version": --help and --version run these
 * commands.
 *
 * Return CLI_OK, or CLI_USAGE after printing what is wrong.
 */
MUST_CHECK int arguments_read(struct cli *cli, int count, char **arguments);

#endif
