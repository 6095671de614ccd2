#include "lib/listener/exec_check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/listener/code_owner.h"
#include "lib/listener/listener.h"

enum { LONGEST_FIRST_LINE = 256 }; /* bytes that the kernel reads of a script */

/* Return the program that the first line of a script names, or NULL if the file
 * has no such line.  Return "" for a binary or a file that cannot be read. */
static const char *read_interpreter(struct arena *arena, const char *path)
{
	static const char elf[] = { 0x7f, 'E', 'L', 'F' };
	char *line = arena_alloc(arena, LONGEST_FIRST_LINE + 1);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? -1 : read(file, line, LONGEST_FIRST_LINE);

	if (file >= 0)
		close(file);
	if (length < 0 || memcmp(line, elf, sizeof elf) == 0)
		return "";
	if (strncmp(line, "#!", 2) != 0)
		return NULL;
	line += 2;
	line += strspn(line, " \t");
	line[strcspn(line, " \t\r\n")] = '\0';
	return line;
}

static void check_interpreter(const char *path, struct findings *findings)
{
	const char *interpreter = read_interpreter(findings->arena, path);

	if (!interpreter)
		finding_error(findings,
			      "%s: is not a program: begin it with a line such "
			      "as #!/bin/sh",
			      path);
	else if (*interpreter && access(interpreter, X_OK) != 0)
		finding_error(findings,
			      "%s: its first line names %s, which is not there "
			      "or cannot be run: correct it, or install that",
			      path, interpreter);
}

static bool is_executable(mode_t mode)
{
	return mode & (S_IXUSR | S_IXGRP | S_IXOTH);
}

/* Return what is wrong with a hook as a file and how to correct it, or NULL. */
static const char *find_file_fault(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return "is a link to a file that does not exist: correct or "
		       "remove it";
	if (!S_ISREG(status.st_mode))
		return "must be an executable file";
	if (!is_executable(status.st_mode))
		return "is not executable: chmod +x it";
	if (code_owner() == geteuid()
	    && faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) != 0)
		return "cannot be run by the pools' user: chmod a+rx it";
	return NULL;
}

static void check_hook(const char *path, struct findings *findings)
{
	const char *fault = find_file_fault(path);

	if (fault)
		finding_error(findings, "%s: %s", path, fault);
	else
		check_interpreter(path, findings);
}

/* Warn of an executable whose name is not that of a hook: it may be misspelled,
 * which would not show until the hook is needed. */
static void check_other_file(const char *path, struct findings *findings)
{
	struct stat status;

	if (stat(path, &status) == 0 && S_ISREG(status.st_mode)
	    && is_executable(status.st_mode))
		finding_warning(findings,
				"%s: is never run: hooks are called provision, "
				"change-plan, deprovision, sign-on and rotate; "
				"rename it, or move it to another folder",
				path);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void check_entry(const struct addon *addon, const char *folder,
			const char *name, struct findings *findings)
{
	const char *path = arena_printf(findings->arena, "%s/%s", folder, name);
	enum listener_action action;

	code_owner_check_link(addon, path, findings);
	if (listener_action_named(name, &action))
		check_hook(path, findings);
	else
		check_other_file(path, findings);
}

/* A link that leads nowhere counts: check_hook() has reported it. */
static bool has_provision_hook(struct arena *arena, const char *folder)
{
	struct stat status;

	return lstat(arena_printf(arena, "%s/provision", folder), &status) == 0;
}

static void check_entries(const struct addon *addon, const char *folder,
			  struct findings *findings)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, is_visible, alphasort);

	if (count < 0) {
		finding_error(findings,
			      "%s: must be a folder that the pools' user may "
			      "read",
			      folder);
		return;
	}
	for (int i = 0; i < count; i++) {
		check_entry(addon, folder, entries[i]->d_name, findings);
		free(entries[i]);
	}
	free(entries);
	if (!has_provision_hook(findings->arena, folder))
		finding_error(findings,
			      "%s/provision: is missing: put a program there",
			      folder);
}

void exec_check(struct addon *addon, struct findings *findings)
{
	const char *folder =
		arena_printf(findings->arena, "%s/hooks", addon->home);

	code_owner_check(addon->home, findings);
	code_owner_check_link(addon, folder, findings);
	check_entries(addon, folder, findings);
}
