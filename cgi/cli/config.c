/*
 * config.c - provisor config set and rotate.
 */
#include "cgi/cli/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/hidden_input.h"
#include "cgi/cli/question.h"
#include "cgi/cli/target.h"
#include "cgi/cli/wrap.h"
#include "lib/base/arena.h"
#include "lib/provider/operator.h"
#include "lib/provider/operator_words.h"
#include "lib/text/json.h"

struct config_change {
	const struct cli *cli;
	const char *name;           /* of the command */
	const struct json *changes; /* NULL: rotate */
	int overlap;                /* of rotate, in seconds */
};

/* ---- the changes ---- */

static bool refuse_change(const char *name, const char *remedy)
{
	cli_fail("%s: %s", name, remedy);
	return false;
}

static bool put_change(struct json *changes, const char *name,
		       const char *value)
{
	if (!*name || json_member(changes, name))
		return refuse_change(*name ? name : "=",
				     "write NAME=VALUE, and each NAME once");
	if (value)
		json_put_text(changes, name, value);
	else
		json_put(changes, name, NULL);
	return true;
}

/* Read the value up to delimiter, or to the end of the file.  Unlike an
 * argument, a file can contain a NUL byte. */
static bool put_from_stream(const struct cli *cli, struct json *changes,
			    const char *name, FILE *file, int delimiter)
{
	char *value = NULL;
	size_t room = 0;
	ssize_t length = getdelim(&value, &room, delimiter, file);
	bool is_put;

	if (length > 0 && value[length - 1] == '\n')
		value[--length] = '\0';
	if (length < 0 && delimiter == '\n')
		is_put = refuse_change(name,
				       "standard input has no line for it: "
				       "write one line for each NAME");
	else if (length > 0 && strlen(value) != (size_t)length)
		is_put = refuse_change(name,
				       "its value contains a NUL byte: "
				       "remove it");
	else
		is_put = put_change(
			changes, name,
			arena_strdup(cli->arena, length > 0 ? value : ""));
	free(value);
	return is_put;
}

static bool put_from_file(const struct cli *cli, struct json *changes,
			  const char *name, const char *path)
{
	FILE *file = fopen(path, "re");
	bool is_put;

	if (!file) {
		cli_fail("%s: %s cannot be read (%s): write NAME=@FILE with a "
			 "file that you can read",
			 name, path, strerror(errno));
		return false;
	}
	is_put = put_from_stream(cli, changes, name, file, '\0');
	fclose(file);
	return is_put;
}

static bool put_from_input(const struct cli *cli, struct json *changes,
			   const char *name)
{
	bool is_put;

	hidden_input_begin(name);
	is_put = put_from_stream(cli, changes, name, stdin, '\n');
	hidden_input_end();
	return is_put;
}

static bool put_word(const struct cli *cli, struct json *changes,
		     const char *word)
{
	const char *sign = strchr(word, '=');
	const char *name;

	if (!sign)
		return put_from_input(cli, changes, word);
	name = arena_strndup(cli->arena, word, (size_t)(sign - word));
	return sign[1] == '@' ? put_from_file(cli, changes, name, sign + 2)
			      : put_change(changes, name, sign + 1);
}

/* Return NULL after printing why the changes cannot be read. */
static const struct json *read_changes(const struct cli *cli)
{
	struct json *changes = json_object(cli->arena);
	const char *name;

	for (int i = 1; i < cli->count; i++)
		if (!put_word(cli, changes, cli->words[i]))
			return NULL;
	for (int i = 0; (name = cli_option_at(cli, OPTION_UNSET, i)); i++)
		if (!put_change(changes, name, NULL))
			return NULL;
	if (json_count(changes) > 0)
		return changes;
	cli_fail("config set: no change is given: write NAME=VALUE, "
		 "NAME=@FILE, NAME or --unset NAME");
	return NULL;
}

/* ---- applying them ---- */

/* The values that are lost, as part of a question. */
static const char question_unreadable[] =
	"No key in the keys file opens the stored config vars of this resource.  "
	"If the key is lost, they can be replaced: config vars that are not set "
	"now, and the URLs of its logs, are erased.  Replace them?";

static int fail_unchanged(const struct config_change *change, const char *id,
			  const struct operator_act *act, enum outcome outcome)
{
	cli_fail("%s: nothing is changed: %s", id,
		 act->failure ? act->failure
			      : "the log line above has the reason");
	return outcome == OUTCOME_INVALID && change->changes ? CLI_USAGE
							     : CLI_FAILED;
}

static enum outcome
change_once(const struct config_change *change, struct provider *provider,
	    struct operator_act *act, const struct json *resource,
	    bool replaces_unreadable, enum provider_config_effect *effect)
{
	*act = target_act(change->cli);
	return change->changes
		? operator_set_config(provider, act, resource, change->changes,
				      replaces_unreadable, effect)
		: operator_rotate(provider, act, resource, change->overlap,
				  replaces_unreadable, effect);
}

static int apply_change(const struct config_change *change,
			struct provider *provider, const struct json *resource)
{
	struct operator_act act;
	const char *id = target_text(resource, "id");
	bool replaces = cli_has(change->cli, OPTION_REPLACE_UNREADABLE);
	enum provider_config_effect effect = PROVIDER_CONFIG_UNCHANGED;
	enum outcome outcome = change_once(change, provider, &act, resource,
					   replaces, &effect);

	if (effect == PROVIDER_CONFIG_UNREADABLE
	    && question_is_confirmed(question_unreadable))
		outcome = change_once(change, provider, &act, resource, true,
				      &effect);
	if (outcome != OUTCOME_OK || effect == PROVIDER_CONFIG_UNREADABLE)
		return fail_unchanged(change, id, &act, outcome);
	printf("%s: %s\n", change->name, id);
	wrap_text(0, operator_words_effect(effect));
	return CLI_OK;
}

static int run_config_change(const struct config_change *change)
{
	const struct cli *cli = change->cli;
	struct provider provider;
	const struct json *found = target_open(cli, &provider);
	int status;

	if (!found)
		return CLI_FAILED;
	status = apply_change(change, &provider, found);
	provider_close(&provider);
	return status;
}

int cli_config_set(const struct cli *cli)
{
	const struct config_change change = {
		.cli = cli,
		.name = "config set",
		.changes = read_changes(cli),
	};

	return change.changes ? run_config_change(&change) : CLI_USAGE;
}

int cli_config_rotate(const struct cli *cli)
{
	const struct config_change change = {
		.cli = cli,
		.name = "config rotate",
		.overlap = cli_seconds(cli, OPTION_OVERLAP),
	};

	return run_config_change(&change);
}
