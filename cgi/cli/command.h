/*
 * command.h - describes a command: its name, its arguments and its options.
 *
 * The command line is read, explained and completed from these descriptions.
 * The table of all commands is in commands.c.
 */
#ifndef CGI_CLI_COMMAND_H
#define CGI_CLI_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"

struct cli;

enum { COMMAND_MOST_OPTIONS = 16 };

/* Commands read an option by its identifier, so that the compiler refuses one
 * that does not exist. */
enum option_id {
	OPTION_ACTOR,
	OPTION_ADDON,
	OPTION_AFTER,
	OPTION_AGAINST,
	OPTION_ALL,
	OPTION_AS,
	OPTION_BODY,
	OPTION_BY,
	OPTION_CA_FILE,
	OPTION_CERTIFICATE,
	OPTION_CLIENT_SECRET,
	OPTION_CONFIG,
	OPTION_CONSOLE,
	OPTION_CSV,
	OPTION_DRY_RUN,
	OPTION_ENV,
	OPTION_FIELD,
	OPTION_FORMAT,
	OPTION_FROM,
	OPTION_GAVE_UP,
	OPTION_HELP,
	OPTION_HOST,
	OPTION_ID,
	OPTION_JSON,
	OPTION_JUNIT,
	OPTION_KIND,
	OPTION_LIMIT,
	OPTION_LISTEN,
	OPTION_LISTENER,
	OPTION_LIVE,
	OPTION_MANIFEST,
	OPTION_MARKETPLACE,
	OPTION_MOST,
	OPTION_NAME,
	OPTION_NOW,
	OPTION_OLD,
	OPTION_OPS,
	OPTION_OPTION,
	OPTION_OVERLAP,
	OPTION_PARALLEL,
	OPTION_PLAN,
	OPTION_PRODUCTION,
	OPTION_REASON,
	OPTION_REGION,
	OPTION_RELEASE,
	OPTION_REPAIR,
	OPTION_REPLACE_UNREADABLE,
	OPTION_RESOURCE,
	OPTION_REVEAL,
	OPTION_SECONDS,
	OPTION_SECOND_PASSWORD,
	OPTION_SEED,
	OPTION_SINCE,
	OPTION_SSO_URL,
	OPTION_STAGING,
	OPTION_STAGING_URL,
	OPTION_STATE,
	OPTION_TOKEN_FILE,
	OPTION_TO_ADDON,
	OPTION_TO_MARKETPLACE,
	OPTION_UNANSWERED,
	OPTION_UNSET,
	OPTION_UNTIL,
	OPTION_UPDATE,
	OPTION_URL,
	OPTION_VERSION,
	OPTION_WAIT,
	OPTION_WHAT,
	OPTION_YES,
	OPTION_COUNT
};

enum value_form {
	VALUE_TEXT,
	VALUE_NUMBER,  /* from least to most */
	VALUE_DURATION /* such as 48h; least and most are in ms */
};

struct option_spec {
	enum option_id id;
	const char *name;  /* "limit" */
	const char *value; /* how the help names its value; NULL: a flag */
	const char *meaning;
	const char *fallback; /* the default value; NULL: none */
	enum value_form form;
	int64_t least, most;
	bool is_required;
	bool is_repeatable; /* otherwise the last one counts */
};

struct command {
	const char *name;  /* "resources list": one or two words */
	const char *words; /* its arguments, for the help: "ID", or NULL */
	int fewest, most;  /* numbers of arguments */
	bool needs_settings;
	int (*run)(const struct cli *cli);
	const char *meaning; /* one line */
	const char *details; /* for the command's own help; NULL: no details */
	/* The options of the command, ending with NULL. */
	const struct option_spec *options[COMMAND_MOST_OPTIONS + 1];
};

/* Return the command that the first one or two of count words name, or NULL.
 * A table ends with a command whose name is NULL. */
const struct command *command_find(const struct command *table, int count,
				   const char *const words[]);

/* Return true if word is the first of the two words in this command's name, or
 * in the name of any command of the table. */
MUST_CHECK bool command_is_in_group(const struct command *command,
				    const char *word);
MUST_CHECK bool command_is_group(const struct command *table, const char *word);

/* Return the length of the first word of a command's name, and whether the name
 * has a second word. */
int command_first_word(const struct command *command);
MUST_CHECK bool command_has_two_words(const struct command *command);

/* Read the value of an option as a number, or as milliseconds for a duration.
 * Return false if it does not have the option's form or range. */
MUST_CHECK bool command_read_number(const struct option_spec *option,
				    const char *text, int64_t *number);

#endif
