/*
 * config.c - provisor config: other config vars for a resource.
 */
#include "cgi/cli/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/target.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/listener/listener.h"
#include "lib/text/json.h"
#include "lib/provider/provider.h"

struct work {
	const struct cli *cli;
	struct provider provider;
	struct provider_call call;
	const char *id;
	const struct json *changes;
	int overlap;
	enum provider_news news;
};

/* ---- the changes ---- */

static bool refuse(const char *name, const char *remedy)
{
	cli_fail("%s: %s", name, remedy);
	return false;
}

static bool put(struct json *changes, const char *name, const char *value)
{
	if (!*name || json_member(changes, name))
		return refuse(*name ? name : "=",
			      "write NAME=VALUE, and each NAME once");
	if (value)
		json_put_text(changes, name, value);
	else
		json_put(changes, name, NULL);
	return true;
}

/* What stands in file up to delimiter, or to its end.  Arguments can hold no
 * NUL; files can. */
static bool put_read(const struct cli *cli, struct json *changes,
		     const char *name, FILE *file, int delimiter)
{
	char *value = NULL;
	size_t room = 0;
	ssize_t length = getdelim(&value, &room, delimiter, file);
	bool is_put;

	if (length > 0 && value[length - 1] == '\n')
		value[--length] = '\0';
	if (length < 0 && delimiter == '\n')
		is_put = refuse(name, "standard input has no line for it");
	else if (length > 0 && strlen(value) != (size_t)length)
		is_put = refuse(name, "its value must not hold a NUL byte");
	else
		is_put = put(changes, name,
			     arena_strdup(cli->arena, length > 0 ? value : ""));
	free(value);
	return is_put;
}

static bool put_file(const struct cli *cli, struct json *changes,
		     const char *name, const char *path)
{
	FILE *file = fopen(path, "re");
	bool is_put;

	if (!file) {
		cli_fail("%s: %s: cannot be read (%s)", name, path,
			 strerror(errno));
		return false;
	}
	is_put = put_read(cli, changes, name, file, '\0');
	fclose(file);
	return is_put;
}

static bool put_line(const struct cli *cli, struct json *changes,
		     const char *name)
{
	if (isatty(STDIN_FILENO))
		fprintf(stderr, "%s: ", name);
	return put_read(cli, changes, name, stdin, '\n');
}

static bool put_word(const struct cli *cli, struct json *changes,
		     const char *word)
{
	const char *sign = strchr(word, '=');
	const char *name;

	if (!sign)
		return put_line(cli, changes, word);
	name = arena_strndup(cli->arena, word, (size_t)(sign - word));
	return sign[1] == '@' ? put_file(cli, changes, name, sign + 2)
			      : put(changes, name, sign + 1);
}

/* NULL, and said, when they cannot be read. */
static const struct json *read_changes(const struct cli *cli)
{
	struct json *changes = json_object(cli->arena);
	const char *name;

	for (int i = 1; i < cli->count; i++)
		if (!put_word(cli, changes, cli->words[i]))
			return NULL;
	for (int i = 0; (name = cli_option_at(cli, OPTION_UNSET, i)); i++)
		if (!put(changes, name, NULL))
			return NULL;
	if (json_count(changes) > 0)
		return changes;
	cli_fail("nothing is to be changed: write NAME=VALUE, NAME=@FILE, NAME "
		 "or --unset NAME");
	return NULL;
}

/* ---- doing ---- */

static int tell(const struct work *work, const char *done)
{
	static const char *const news[] = {
		[PROVIDER_UNCHANGED] = "It had them already.",
		[PROVIDER_TELLS] = "provisor-jobs tells the marketplace.",
		[PROVIDER_ANSWERS] =
			"The marketplace learns it with its next request, "
			"such as a plan change: it cannot be\ncalled about "
			"this resource, for want of a client secret, a grant "
			"or an API of its own.",
		[PROVIDER_ROTATES] =
			"provisor-jobs has the listener make them, and tells "
			"the marketplace; provisor resources\nhistory has "
			"config-rotated when it is done.",
	};

	printf("%s: %s\n%s\n", done, work->id, news[work->news]);
	return CLI_OK;
}

static int fail(const struct work *work, enum outcome outcome)
{
	const char *complaint = work->call.complaint;

	cli_fail("%s: nothing is changed: %s", work->id,
		 complaint ? complaint : "the log line above says why");
	return outcome == OUTCOME_INVALID && work->changes ? CLI_USAGE
							   : CLI_FAILED;
}

typedef enum outcome change(struct work *work);

static enum outcome set(struct work *work)
{
	return provider_set_config(&work->provider, &work->call, work->id,
				   work->changes, &work->news);
}

static enum outcome rotate(struct work *work)
{
	return provider_rotate(&work->provider, &work->call, work->id,
			       work->overlap, &work->news);
}

static int with_provider(struct work *work, const struct json *found,
			 change *apply, const char *done)
{
	enum outcome outcome;

	work->id = target_text(found, "id");
	work->call = (struct provider_call){
		.arena = work->cli->arena,
		.addon = target_addon(work->provider.addons,
				      target_text(found, "marketplace"),
				      target_text(found, "addon")),
		.actor = cli_operator(work->cli->arena),
		.deadline = clock_now() + work->cli->settings.answer_limit,
	};
	if (!work->call.addon)
		return CLI_FAILED;
	outcome = apply(work);
	return outcome == OUTCOME_OK ? tell(work, done) : fail(work, outcome);
}

static int run(struct work *work, change *apply, const char *done)
{
	const struct cli *cli = work->cli;
	struct db *db = db_open(cli->settings.database);
	const struct json *found = target_find(cli, db);
	int status;

	db_close(db);
	if (!found || !provider_open(&work->provider, &cli->settings))
		return CLI_FAILED;
	status = with_provider(work, found, apply, done);
	provider_close(&work->provider);
	return status;
}

int cli_config_set(const struct cli *cli)
{
	struct work work = { .cli = cli, .changes = read_changes(cli) };

	return work.changes ? run(&work, set, "config set") : CLI_USAGE;
}

int cli_config_rotate(const struct cli *cli)
{
	int64_t overlap = cli_number(cli, OPTION_OVERLAP); /* ms */
	struct work work = {
		.cli = cli,
		.overlap = (int)((overlap + 999) / 1000),
	};

	return run(&work, rotate, "config rotate");
}
