#include "cgi/cli/arguments.h"

#include <getopt.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/help.h"
#include "lib/base/arena.h"

/* What getopt_long() returns: a word, an error, or FIRST + an index. */
enum { WORD = 1, UNKNOWN = '?', NO_VALUE = ':', HELP = 'h', FIRST = 256 };

/*
 * In an option string, "-" makes getopt_long() return words in their place, "+"
 * makes it stop at the first word, and ":" makes it report a missing value by
 * ':'.
 */
#define WORDS_IN_PLACE "-:h"
#define STOP_AT_WORD "+:h"

enum { MOST_OPTIONS = COMMAND_MOST_OPTIONS + 3, MS_PER_HOUR = 3600000 };

static const struct option_spec
	env = { .id = OPTION_ENV,
		.name = "env",
		.value = "FILE",
		.meaning = "read settings from FILE",
		.fallback = CLI_ENV_FILE },
	help = { .id = OPTION_HELP,
		 .name = "help",
		 .meaning = "print this list, or explain the command" },
	version = { .id = OPTION_VERSION,
		    .name = "version",
		    .meaning = "print the version of provisor" };

const struct option_spec *const arguments_global[] = { &env, &help, &version,
						       NULL };

struct parser {
	struct cli *cli;
	const struct command *command; /* NULL: not known yet */
	int count;
	const struct option_spec *specs[MOST_OPTIONS];
	struct option options[MOST_OPTIONS + 1]; /* specs, for getopt_long() */
	const char *instead; /* a command to run instead, or NULL */
};

/* Return the place of an option: that of a global one with its name, which it
 * replaces, or the next. */
static int place_option(struct parser *parser, const char *name)
{
	for (int i = 0; i < parser->count; i++)
		if (strcmp(parser->specs[i]->name, name) == 0)
			return i;
	return parser->count++;
}

static void add_options(struct parser *parser,
			const struct option_spec *const specs[])
{
	for (; *specs; specs++) {
		int i = place_option(parser, (*specs)->name);

		parser->specs[i] = *specs;
		parser->options[i] = (struct option){
			.name = (*specs)->name,
			.has_arg = (*specs)->value ? required_argument
						   : no_argument,
			.val = FIRST + i,
		};
	}
}

/* ---- errors ---- */

/* Print "provisor: COMMAND: PROBLEM" and the syntax of the command. */
static int refuse_arguments(const struct parser *parser, const char *problem)
{
	if (!parser->command)
		return cli_refuse("%s; see provisor help", problem);
	cli_fail("%s: %s", parser->command->name, problem);
	help_print_usage(stderr, parser->command);
	return CLI_USAGE;
}

static const char *list_matches(const struct parser *parser, const char *start,
				size_t length)
{
	struct arena *arena = parser->cli->arena;
	const char *list = NULL;

	for (int i = 0; i < parser->count; i++) {
		const char *name = parser->specs[i]->name;

		if (strncmp(name, start, length) == 0)
			list = arena_printf(arena, "%s%s--%s", list ? list : "",
					    list ? " or " : "", name);
	}
	return list;
}

static const char *explain_value(struct arena *arena,
				 const struct option_spec *spec)
{
	if (!spec->value)
		return arena_printf(arena,
				    "option --%s takes no value: write --%s",
				    spec->name, spec->name);
	return arena_printf(arena, "option --%s needs a value: write --%s %s",
			    spec->name, spec->name, spec->value);
}

/* Explain an error of getopt_long() at argument. */
static const char *explain_error(const struct parser *parser,
				 const char *argument)
{
	struct arena *arena = parser->cli->arena;
	size_t length = strcspn(argument, "=");
	const char *matches;

	if (optopt >= FIRST)
		return explain_value(arena, parser->specs[optopt - FIRST]);
	if (optopt)
		return arena_printf(arena, "unknown option -%c", optopt);
	matches = list_matches(parser, argument + strlen("--"),
			       length - strlen("--"));
	if (matches)
		return arena_printf(arena, "option %.*s is ambiguous: write %s",
				    (int)length, argument, matches);
	return arena_printf(arena, "unknown option %.*s", (int)length,
			    argument);
}

/* ---- values ---- */

static const char *explain_form(struct arena *arena,
				const struct option_spec *spec)
{
	if (spec->form == VALUE_NUMBER)
		return arena_printf(arena,
				    "option --%s must be a number from %d to "
				    "%d",
				    spec->name, (int)spec->least,
				    (int)spec->most);
	if (spec->most == INT64_MAX)
		return arena_printf(arena,
				    "option --%s must be a duration such as "
				    "90min or 48h",
				    spec->name);
	return arena_printf(arena,
			    "option --%s must be a duration such as 90min or "
			    "48h, and at most %dh",
			    spec->name, (int)(spec->most / MS_PER_HOUR));
}

static bool is_given(const struct cli *cli, const struct option_spec *spec)
{
	for (int i = 0; i < cli->given_count; i++)
		if (cli->given[i].option == spec)
			return true;
	return false;
}

/* Return what is wrong with the options as a whole, or NULL.  An empty value is
 * a mistake, such as a shell variable that is not set: as a filter it would
 * select nothing, without an error. */
static const char *find_wrong_option(const struct cli *cli)
{
	const struct option_spec *const *spec = cli->command->options;
	int64_t number;

	if (!*cli->env_file)
		return explain_value(cli->arena, &env);
	for (int i = 0; i < cli->given_count; i++) {
		const struct cli_given *given = &cli->given[i];

		if (given->option->value && !*given->value)
			return explain_value(cli->arena, given->option);
		if (given->option->form != VALUE_TEXT
		    && !command_read_number(given->option, given->value,
					    &number))
			return explain_form(cli->arena, given->option);
	}
	for (; *spec; spec++)
		if ((*spec)->is_required && !is_given(cli, *spec))
			return arena_printf(cli->arena, "needs --%s %s",
					    (*spec)->name, (*spec)->value);
	return NULL;
}

static const char *find_wrong_word(const struct cli *cli)
{
	const struct command *command = cli->command;

	if (cli->count < command->fewest)
		return arena_printf(cli->arena, "needs %s", command->words);
	if (cli->count > command->most)
		return arena_printf(cli->arena, "unexpected argument \"%s\"",
				    cli->words[command->most]);
	for (int i = 0; i < cli->count; i++)
		if (!*cli->words[i])
			return arena_printf(cli->arena,
					    "needs %s, and argument %d is "
					    "empty",
					    command->words, i + 1);
	return NULL;
}

/* ---- parsing ---- */

static void keep_option(struct parser *parser, const struct option_spec *spec)
{
	struct cli *cli = parser->cli;

	if (spec == &help || spec == &version) {
		parser->instead = spec->name;
	} else if (spec == &env) {
		cli->env_file = optarg;
		cli->is_env_file_given = true;
	} else {
		cli->given[cli->given_count++] = (struct cli_given){
			.option = spec,
			.value = optarg ? optarg : "",
		};
	}
}

/* Read what follows arguments[0].  Return false after printing an error. */
static bool parse_arguments(struct parser *parser, const char *mode, int count,
			    char **arguments)
{
	struct cli *cli = parser->cli;
	int code;

	cli->count = 0;
	optind = 0; /* restart getopt_long() */
	opterr = 0;
	while ((code = getopt_long(count, arguments, mode, parser->options,
				   NULL))
	       != -1) {
		if (code == UNKNOWN || code == NO_VALUE) {
			refuse_arguments(
				parser,
				explain_error(parser, arguments[optind - 1]));
			return false;
		}
		if (code == WORD)
			cli->words[cli->count++] = optarg;
		else
			keep_option(parser,
				    code == HELP ? &help
						 : parser->specs[code - FIRST]);
	}
	while (optind < count)
		cli->words[cli->count++] = arguments[optind++];
	return true;
}

static int run_instead(struct cli *cli, const char *command, int count)
{
	cli->command = command_find(cli->commands, 1, &command);
	cli->count = count;
	return CLI_OK;
}

/* Report that the words do not begin with the name of a command. */
static int refuse_command(struct cli *cli)
{
	const char *option = cli->count > 1 ? cli->words[1] : "";

	if (command_is_group(cli->commands, cli->words[0])
	    && (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0))
		return run_instead(cli, "help", 1);
	return help_refuse_unknown(cli->commands, cli->words[0]);
}

/* Read what follows the name of cli->command, which begins at words[0]. */
static int read_command(struct parser *parser, char **words)
{
	struct cli *cli = parser->cli;
	int name = command_has_two_words(cli->command) ? 2 : 1;
	int count = cli->count - (name - 1);
	const char *problem;

	parser->command = cli->command;
	add_options(parser, cli->command->options);
	if (!parse_arguments(parser, WORDS_IN_PLACE, count, words + name - 1))
		return CLI_USAGE;
	if (parser->instead) {
		memcpy(cli->words, words, (size_t)name * sizeof *words);
		return run_instead(cli, parser->instead, name);
	}
	problem = find_wrong_option(cli);
	if (!problem)
		problem = find_wrong_word(cli);
	return problem ? refuse_arguments(parser, problem) : CLI_OK;
}

int arguments_read(struct cli *cli, int count, char **arguments)
{
	struct parser parser = { .cli = cli };
	size_t most = (size_t)count + 1;

	cli->words = arena_alloc(cli->arena, most * sizeof *cli->words);
	cli->given = arena_alloc(cli->arena, most * sizeof *cli->given);
	cli->env_file = env.fallback;
	add_options(&parser, arguments_global);
	if (!parse_arguments(&parser, STOP_AT_WORD, count, arguments))
		return CLI_USAGE;
	if (parser.instead || cli->count == 0)
		return run_instead(cli,
				   parser.instead ? parser.instead : "help",
				   cli->count);
	cli->command = command_find(cli->commands, cli->count, cli->words);
	if (!cli->command)
		return refuse_command(cli);
	return read_command(&parser, arguments + count - cli->count);
}
