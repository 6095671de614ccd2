/*
 * ctl_help.h - what there is to say about a command.
 */
#ifndef CTL_HELP_H
#define CTL_HELP_H

#include <stdio.h>

struct ctl_command;

/* How it is written. */
void ctl_print_usage(FILE *out, const struct ctl_command *command);

/* All of it, to standard output. */
void ctl_explain(const struct ctl_command *command);

/* Say that there is no command word; returns CTL_USAGE. */
int ctl_refuse_unknown(const char *word);

#endif
