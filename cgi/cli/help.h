/*
 * help.h - prints the help of commands.
 */
#ifndef CGI_CLI_HELP_H
#define CGI_CLI_HELP_H

#include <stdio.h>

struct command;

/* Print the syntax of a command, as "usage: provisor ...". */
void help_print_usage(FILE *out, const struct command *command);

/* Print that no command of the table has the name word, or which commands begin
 * with it.  Return CLI_USAGE. */
int help_refuse_unknown(const struct command *table, const char *word);

#endif
