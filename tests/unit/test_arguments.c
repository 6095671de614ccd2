#include "files.h"

#include <signal.h>
#include <sys/wait.h>

#include "cgi/cli/arguments.h"
#include "cgi/cli/cli.h"

enum { MOST_ARGUMENTS = 10 };

static int do_nothing(const struct cli *cli)
{
	(void)cli;
	return CLI_OK;
}

static const struct option_spec json = { .id = OPTION_JSON, .name = "json" },
				limit = { .id = OPTION_LIMIT,
					  .name = "limit",
					  .value = "N",
					  .fallback = "7",
					  .form = VALUE_NUMBER,
					  .least = 1,
					  .most = 10 },
				since = { .id = OPTION_SINCE,
					  .name = "since",
					  .value = "DURATION",
					  .form = VALUE_DURATION,
					  .most = 7200000 },
				state = { .id = OPTION_STATE,
					  .name = "state",
					  .value = "STATE" },
				version = { .id = OPTION_VERSION,
					    .name = "version",
					    .value = "N" },
				unset = { .id = OPTION_UNSET,
					  .name = "unset",
					  .value = "NAME",
					  .is_repeatable = true };

static const struct command table[] = {
	{ .name = "sing",
	  .run = do_nothing,
	  .words = "[SONG]...",
	  .most = 3,
	  .options = { &json, &limit, &since, &state, &unset } },
	{ .name = "dance tango",
	  .run = do_nothing,
	  .words = "PARTNER",
	  .fewest = 1,
	  .most = 1 },
	{ .name = "bow", .run = do_nothing, .options = { &version } },
	{ .name = "help", .run = do_nothing, .most = 2 },
	{ .name = "version", .run = do_nothing },
	{ .name = NULL },
};

static struct cli cli;

static int read_line(const char *const line[])
{
	char *arguments[MOST_ARGUMENTS + 2] = { arena_strdup(arena,
							     "provisor") };
	int count = 1;

	for (; line[count - 1]; count++)
		arguments[count] = arena_strdup(arena, line[count - 1]);
	cli = (struct cli){ .arena = arena, .commands = table };
	return arguments_read(&cli, count, arguments);
}

/* All that was understood, as one text. */
static const char *understood(void)
{
	const char *text = cli.command->name;

	for (int i = 0; i < cli.count; i++)
		text = arena_printf(arena, "%s %s", text, cli.words[i]);
	for (int i = 0; i < cli.given_count; i++)
		text = arena_printf(arena, "%s, %s=%s", text,
				    cli.given[i].option->name,
				    cli.given[i].value);
	if (cli.is_env_file_given)
		text = arena_printf(arena, "%s, env=%s", text, cli.env_file);
	return text;
}

static struct line {
	const char *name;
	const char *words[MOST_ARGUMENTS];
	const char *expected;
} good_lines[] = {
	{ "a command of one word", { "sing" }, "sing" },
	{ "a command of two words",
	  { "dance", "tango", "you" },
	  "dance tango you" },
	{ "no arguments show the help", { NULL }, "help" },
	{ "a value is the next argument",
	  { "sing", "--limit", "5" },
	  "sing, limit=5" },
	{ "a value stands after =", { "sing", "--limit=5" }, "sing, limit=5" },
	{ "a value may begin with a dash",
	  { "sing", "--state", "-x" },
	  "sing, state=-x" },
	{ "an option may be abbreviated",
	  { "sing", "--li=5", "--j" },
	  "sing, limit=5, json=" },
	{ "options and words mix",
	  { "sing", "a", "--json", "b", "--state=s", "c" },
	  "sing a b c, json=, state=s" },
	{ "two dashes end the options",
	  { "sing", "--json", "--", "--limit", "-x" },
	  "sing --limit -x, json=" },
	{ "a dash is a word", { "sing", "-" }, "sing -" },
	{ "an option is kept each time",
	  { "sing", "--unset=a", "--unset", "b" },
	  "sing, unset=a, unset=b" },
	{ "--env before the command", { "--env", "f", "sing" }, "sing, env=f" },
	{ "--env=FILE", { "--env=f", "sing" }, "sing, env=f" },
	{ "--env after the command",
	  { "sing", "a", "--env=f" },
	  "sing a, env=f" },
	{ "two dashes before the command", { "--", "sing" }, "sing" },
	{ "--help", { "--help" }, "help" },
	{ "--help of a command, without its words",
	  { "dance", "tango", "--help" },
	  "help dance tango" },
	{ "-h among words and options",
	  { "sing", "a", "--json", "-h" },
	  "help sing, json=" },
	{ "--help of a group", { "dance", "--help" }, "help dance" },
	{ "--version, abbreviated", { "--ver" }, "version" },
	{ "--version after a command without it",
	  { "sing", "--version" },
	  "version sing" },
	{ "an option of a command instead of the one before commands",
	  { "bow", "--version", "3" },
	  "bow, version=3" },
	{ "... which stays before the command",
	  { "--version", "bow" },
	  "version bow" },
};

static void good_line_is_understood(void **test)
{
	const struct line *line = *test;

	assert_int_equal(read_line(line->words), CLI_OK);
	assert_text(understood(), line->expected);
}

static struct line bad_lines[] = {
	{ "an unknown command",
	  { "shout", "--json" },
	  "unknown command \"shout\"" },
	{ "half a command", { "dance" }, "\"dance\" begins several commands" },
	{ "half an unknown command",
	  { "dance", "--json" },
	  "\"dance\" begins" },
	{ "an unknown option",
	  { "sing", "--sideways=1" },
	  "sing: unknown option --sideways\nusage: provisor sing " },
	{ "an unknown letter", { "sing", "-jx" }, "sing: unknown option -j\n" },
	{ "an unknown option before the command",
	  { "--json", "sing" },
	  "unknown option --json; see provisor help" },
	{ "an ambiguous option",
	  { "sing", "--s=x" },
	  "option --s is ambiguous: write --since or --state\n" },
	{ "a missing value",
	  { "sing", "--state" },
	  "option --state needs a value: write --state STATE\n" },
	{ "a missing value before the command",
	  { "--env" },
	  "option --env needs a value: write --env FILE" },
	{ "a value too many",
	  { "sing", "--json=x" },
	  "option --json takes no value: write --json\n" },
	{ "a number too small",
	  { "sing", "--limit=0" },
	  "option --limit must be a number from 1 to 10\n" },
	{ "a number too large", { "sing", "--limit=11" }, "from 1 to 10\n" },
	{ "no number", { "sing", "--limit=1e1" }, "from 1 to 10\n" },
	{ "an empty number",
	  { "sing", "--limit=" },
	  "option --limit needs a value: write --limit " },
	{ "an empty value",
	  { "sing", "--state", "" },
	  "option --state needs a value: write --state STATE\n" },
	{ "an empty value of the option before the command",
	  { "--env=", "sing" },
	  "option --env needs a value: write --env FILE\n" },
	{ "an empty word",
	  { "dance", "tango", "" },
	  "dance tango: needs PARTNER, and argument 1 is empty\n" },
	{ "no duration",
	  { "sing", "--since=tea" },
	  "option --since must be a duration such as 90min or 48h, and at most "
	  "2h\n" },
	{ "a duration too long", { "sing", "--since=3h" }, "at most 2h\n" },
	{ "a word too few",
	  { "dance", "tango" },
	  "dance tango: needs PARTNER\nusage: provisor dance tango PARTNER\n" },
	{ "a word too many",
	  { "sing", "a", "b", "c", "d" },
	  "sing: unexpected argument \"d\"\n" },
};

static void bad_line_is_explained(void **test)
{
	const struct line *line = *test;
	const char *path = files_write("printed", "");
	int error = dup(STDERR_FILENO);
	int status;

	assert_true(error >= 0);
	assert_non_null(freopen(path, "we", stderr));
	status = read_line(line->words);
	fflush(stderr);
	assert_true(dup2(error, STDERR_FILENO) >= 0);
	close(error);
	assert_int_equal(status, CLI_USAGE);
	assert_contains(files_read(path), line->expected);
}

static void values_can_be_read(void)
{
	static const char *const line[] = { "sing",      "--since=2min",
					    "--state=a", "--unset=x",
					    "--state=b", "--unset=y",
					    NULL };

	assert_int_equal(read_line(line), CLI_OK);
	assert_int_equal(cli_number(&cli, OPTION_LIMIT), 7);
	assert_int_equal(cli_number(&cli, OPTION_SINCE), 120000);
	assert_text(cli_option(&cli, OPTION_STATE), "b");
	assert_text(cli_option_at(&cli, OPTION_UNSET, 0), "x");
	assert_text(cli_option_at(&cli, OPTION_UNSET, 1), "y");
	assert_null(cli_option_at(&cli, OPTION_UNSET, 2));
	assert_false(cli_has(&cli, OPTION_JSON));
}

static void no_command_reads_what_it_does_not_declare(void)
{
	static const char *const line[] = { "sing", NULL };
	int status;
	pid_t child;

	assert_int_equal(read_line(line), CLI_OK);
	child = fork();
	if (child == 0) {
		signal(SIGABRT, SIG_DFL);
		assert_non_null(freopen("/dev/null", "we", stderr));
		_exit(cli_has(&cli, OPTION_YES));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static struct unit_check checks[] = {
	{ "values can be read, with defaults, the last or all of them",
	  values_can_be_read },
	{ "a command that reads an option that it does not declare aborts",
	  no_command_reads_what_it_does_not_declare },
};

int main(void)
{
	UNIT_ROWS(good_lines, good_line_is_understood);
	UNIT_ROWS(bad_lines, bad_line_is_explained);
	UNIT_CHECKS(checks);
	return unit_run("arguments");
}
