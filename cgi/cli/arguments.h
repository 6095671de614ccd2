/*
 * arguments.h - reads what follows a command's name on the command line.
 */
#ifndef CGI_CLI_ARGUMENTS_H
#define CGI_CLI_ARGUMENTS_H

struct cli;
struct command;

/* Part the arguments of a command into words and options.  Return CLI_USAGE
 * after printing why if they do not fit the command. */
int arguments_read(struct cli *cli, const struct command *command, int count,
		   char **arguments);

#endif
