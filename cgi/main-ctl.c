/*
 * main-ctl.c - provisor, the operator's command line.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/base.h"
#include "lib/config.h"
#include "lib/db.h"
#include "lib/finding.h"
#include "lib/migrate.h"

#define ENV_FILE "/etc/provisor/provisor.env"

enum { EXIT_USAGE = 2 };

static struct config config;

static void report(const char *name)
{
	printf("%s\n", name);
}

static int run_migrate(const char *option)
{
	struct arena *arena = arena_create();
	struct db *db = db_open(config.database_direct);
	const char *complaint;
	enum outcome outcome =
		migrate(db, arena, option != NULL, report, &complaint);

	if (outcome != OUTCOME_OK)
		fprintf(stderr, "provisor migrate: %s\n", complaint);
	db_close(db);
	arena_destroy(arena);
	return outcome == OUTCOME_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run_settings(const char *option)
{
	(void)option;
	config_explain(stdout);
	return EXIT_SUCCESS;
}

static int run_version(const char *option)
{
	(void)option;
	puts("provisor " PROVISOR_VERSION);
	return EXIT_SUCCESS;
}

static int run_help(const char *option);

static const struct command {
	const char *name;
	const char *option; /* the only one it takes; NULL: none */
	bool needs_settings;
	int (*run)(const char *option); /* NULL: not given */
	const char *meaning;
} commands[] = {
	{ "migrate", "--dry-run", true, run_migrate,
	  "bring the database up to date; --dry-run only lists what is due" },
	{ "settings", NULL, false, run_settings,
	  "list every setting, its default and its meaning" },
	{ "version", NULL, false, run_version, "which provisor this is" },
	{ "help", NULL, false, run_help, "this list" },
};

static int run_help(const char *option)
{
	(void)option;
	puts("usage: provisor [--env FILE] COMMAND\n");
	for (size_t i = 0; i < COUNT(commands); i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].meaning);
	puts("\nSettings come from the environment, and for what is not set "
	     "there from\nFILE, by default " ENV_FILE ".");
	return EXIT_SUCCESS;
}

static const struct command *find_command(const char *name)
{
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	if (strcmp(name, "--version") == 0)
		name = "version";
	for (size_t i = 0; i < COUNT(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static bool takes(const struct command *command, int count, char **options)
{
	return count == 0
		|| (count == 1 && command->option
		    && strcmp(options[0], command->option) == 0);
}

/* The default file need not exist; one that was asked for must. */
static bool load_settings(const char *file)
{
	struct arena *arena = arena_create();
	struct findings findings = { .arena = arena };

	if (!config_read_file(file ? file : ENV_FILE, &findings)
	    && (file || errno != ENOENT))
		finding_error(&findings, "%s: cannot be read: %s",
			      file ? file : ENV_FILE, strerror(errno));
	config_load(&config, &findings);
	for (const struct finding *f = findings.first; f; f = f->next)
		fprintf(stderr, "provisor: %s\n", f->text);
	arena_destroy(arena);
	return findings.errors == 0;
}

static int explain_usage(const struct command *command)
{
	fprintf(stderr, "usage: provisor %s", command->name);
	if (command->option)
		fprintf(stderr, " [%s]", command->option);
	fputc('\n', stderr);
	return EXIT_USAGE;
}

int main(int count, char **arguments)
{
	const char *file = NULL;
	const struct command *command;

	arguments++;
	count--;
	if (count >= 2 && strcmp(arguments[0], "--env") == 0) {
		file = arguments[1];
		arguments += 2;
		count -= 2;
	}
	if (count == 0)
		return run_help(NULL);
	command = find_command(arguments[0]);
	if (!command) {
		fprintf(stderr,
			"provisor: there is no command \"%s\"; provisor help "
			"lists them\n",
			arguments[0]);
		return EXIT_USAGE;
	}
	if (!takes(command, count - 1, arguments + 1))
		return explain_usage(command);
	if (command->needs_settings && !load_settings(file))
		return EXIT_FAILURE;
	return command->run(arguments[1]);
}
