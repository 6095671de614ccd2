/*
 * commands.h - the commands there are.
 */
#ifndef CGI_CLI_COMMANDS_H
#define CGI_CLI_COMMANDS_H

#include <stdbool.h>

struct arena;
struct cli;

enum { COMMAND_MOST_OPTIONS = 8 };

struct command_option {
	const char *name;  /* "--json" */
	const char *value; /* what the help calls its value; NULL: has none */
	const char *meaning;
};

struct command {
	const char *name;  /* "resources list": one or two words */
	const char *words; /* what follows it, for the help: "ID", or NULL */
	int fewest, most;  /* of those words */
	bool needs_settings;
	int (*run)(const struct cli *cli);
	const char *meaning; /* one line */
	const char *details; /* for its own help; NULL: nothing to add */
	/* Those it takes, up to NULL. */
	const struct command_option *options[COMMAND_MOST_OPTIONS + 1];
};

/* Up to one whose name is NULL. */
extern const struct command commands[];

/* The command that the first one or two of count words name, or NULL. */
const struct command *commands_find(struct arena *arena, int count,
				    const char *const words[]);

#endif
