/*
 * main-ctl.c - provisor, the operator's command line.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/config.h"
#include "lib/db.h"
#include "lib/finding.h"
#include "lib/migrate.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ENV_FILE "/etc/provisor/provisor.env"

enum { EXIT_USAGE = 2 };

static struct config config;

static void report(const char *name)
{
	printf("%s\n", name);
}

static int run_migrate(int count, char **arguments)
{
	bool dry_run = count == 1 && strcmp(arguments[0], "--dry-run") == 0;
	struct arena *arena;
	struct db *db;
	const char *complaint;
	enum outcome outcome;

	if (count > 0 && !dry_run) {
		fputs("usage: provisor migrate [--dry-run]\n", stderr);
		return EXIT_USAGE;
	}
	arena = arena_create();
	db = db_open(config.database_direct);
	outcome = migrate(db, arena, dry_run, report, &complaint);
	if (outcome != OUTCOME_OK)
		fprintf(stderr, "provisor migrate: %s\n", complaint);
	db_close(db);
	arena_destroy(arena);
	return outcome == OUTCOME_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run_settings(int count, char **arguments)
{
	(void)count;
	(void)arguments;
	config_explain(stdout);
	return EXIT_SUCCESS;
}

static int run_version(int count, char **arguments)
{
	(void)count;
	(void)arguments;
	puts("provisor " PROVISOR_VERSION);
	return EXIT_SUCCESS;
}

static int run_help(int count, char **arguments);

static const struct command {
	const char *name;
	bool needs_settings;
	int (*run)(int count, char **arguments);
	const char *meaning;
} commands[] = {
	{ "migrate", true, run_migrate,
	  "bring the database up to date; --dry-run only lists what is due" },
	{ "settings", false, run_settings,
	  "list every setting, its default and its meaning" },
	{ "version", false, run_version, "which provisor this is" },
	{ "help", false, run_help, "this list" },
};

static int run_help(int count, char **arguments)
{
	(void)count;
	(void)arguments;
	puts("usage: provisor [--env FILE] COMMAND\n");
	for (size_t i = 0; i < COUNT(commands); i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].meaning);
	puts("\nSettings come from the environment, and for what is not set "
	     "there from\nFILE, by default " ENV_FILE ".");
	return EXIT_SUCCESS;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < COUNT(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
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
	command = find_command(count > 0 ? arguments[0] : "help");
	if (!command) {
		fprintf(stderr,
			"provisor: there is no command \"%s\"; provisor help "
			"lists them\n",
			arguments[0]);
		return EXIT_USAGE;
	}
	if (command->needs_settings && !load_settings(file))
		return EXIT_FAILURE;
	return command->run(count > 0 ? count - 1 : 0, arguments + 1);
}
