#include "lib/settings/environment_file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/settings/settings.h"

struct assignment {
	const struct assignment *before;
	const char *name;
	const char *value;
};

struct environment_file {
	const struct assignment *last;
};

/* Remove the blanks around text, and then one pair of quotes. */
static char *trim_value(char *text)
{
	char *end;

	while (isspace((unsigned char)*text))
		text++;
	end = text + strlen(text);
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	if (end - text >= 2 && strchr("'\"", *text) && end[-1] == *text) {
		end[-1] = '\0';
		text++;
	}
	return text;
}

/* Accept the names that systemd accepts.  "export NAME" is not a valid name. */
static bool is_variable_name(const char *text)
{
	static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789_";

	return *text && text[strspn(text, signs)] == '\0'
		&& !isdigit((unsigned char)*text);
}

static bool is_misspelled_setting(const char *name)
{
	static const char prefix[] = "PROVISOR_";

	return strncmp(name, prefix, strlen(prefix)) == 0
		&& !settings_has(name);
}

/* Split a line into name and value.  Return false if it is not NAME=VALUE. */
static bool split_assignment(char *line, const char **name, const char **value)
{
	char *equals = strchr(line, '=');

	if (!equals)
		return false;
	*equals = '\0';
	*name = trim_value(line);
	*value = trim_value(equals + 1);
	return is_variable_name(*name);
}

static const struct assignment *read_assignments(FILE *file, const char *path,
						 struct findings *findings)
{
	const struct assignment *last = NULL;
	char *line = NULL;
	size_t size = 0;

	for (int number = 1; getline(&line, &size, file) >= 0; number++) {
		struct assignment *next =
			arena_alloc(findings->arena, sizeof *next);
		char *text = trim_value(arena_strdup(findings->arena, line));

		if (strchr("#;", *text))
			continue; /* a comment, or empty */
		if (!split_assignment(text, &next->name, &next->value)) {
			finding_error(findings,
				      "%s: line %d is not NAME=VALUE: correct "
				      "it, or put # before it",
				      path, number);
			continue;
		}
		if (is_misspelled_setting(next->name))
			finding_error(findings,
				      "%s: line %d: there is no setting %s: "
				      "correct its spelling, or remove it; "
				      "provisor settings lists them",
				      path, number, next->name);
		next->before = last;
		last = next;
	}
	if (line)
		explicit_bzero(line, size);
	free(line);
	return last;
}

const struct environment_file *environment_file_parse(const char *path,
						      struct findings *findings)
{
	struct environment_file *parsed =
		arena_alloc(findings->arena, sizeof *parsed);
	FILE *file = fopen(path, "re");
	bool is_read;

	if (!file)
		return NULL;
	parsed->last = read_assignments(file, path, findings);
	is_read = !ferror(file);
	fclose(file);
	return is_read ? parsed : NULL;
}

const char *environment_file_value(const struct environment_file *file,
				   const char *name)
{
	for (const struct assignment *a = file->last; a; a = a->before)
		if (strcmp(a->name, name) == 0)
			return a->value;
	return NULL;
}

/*
 * The lines are listed in reverse order, and a variable that is already set is
 * never replaced.  So the last line for a name counts, and a variable of the
 * environment takes precedence.
 */
bool environment_file_read(const char *path, struct findings *findings)
{
	const struct environment_file *file =
		environment_file_parse(path, findings);

	if (!file)
		return false;
	for (const struct assignment *a = file->last; a; a = a->before)
		setenv(a->name, a->value, 0);
	return true;
}
