/*
 * hook_check.c - can a home's own code be run, and can only those change it who
 * may?
 *
 * Whoever can write a hook, or a folder above it up to the home, runs code as
 * the pools' user.
 */
#include "lib/listener/hook.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/findings.h"
#include "lib/listener/hook_log.h"
#include "lib/listener/hook_command.h"

enum {
	LOADING_LIMIT = 2000, /* ms */
	LONGEST_REASON = 4096,
	LONGEST_FIRST_LINE = 256 /* that the kernel reads of a script */
};

struct place {
	const struct addon *addon;
	struct arena *arena;
	struct findings *findings;
	uid_t user;
};

static void error(const struct place *p, const char *path, const char *what)
{
	finding_error(p->findings, "%s: %s", path, what);
}

/* ---- who can change it ---- */

static void check_owner(const struct place *p, const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return;
	if (status.st_mode & (S_IWGRP | S_IWOTH))
		finding_error(p->findings,
			      "%s: others than its owner can change what the "
			      "pools run (mode %04o): chmod go-w it",
			      path, (unsigned int)status.st_mode & 07777);
	if (status.st_uid != 0 && status.st_uid != p->user)
		finding_error(p->findings,
			      "%s: its owner, user %u, can change what the "
			      "pools run: chown it to root",
			      path, (unsigned int)status.st_uid);
}

static bool is_link(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
}

/* The folders above what a link leads to count as well, up to the home, or all
 * of them.  Those above what is no link are looked at for themselves. */
static void check_way(const struct place *p, const char *path)
{
	char *home = realpath(p->addon->home, NULL);
	char *real = is_link(path) ? realpath(path, NULL) : NULL;
	char *slash = real ? strrchr(real, '/') : NULL;

	for (; slash; slash = strrchr(real, '/')) {
		*slash = '\0';
		if (home && strcmp(real, home) == 0)
			break;
		check_owner(p, *real ? real : "/");
	}
	free(home);
	free(real);
}

static void check_code(const struct place *p, const char *path)
{
	check_owner(p, path);
	check_way(p, path);
}

/* ---- hooks ---- */

/* The program that a script's first line names; NULL: it has no such line.  A
 * file that is no script or cannot be read names none: "". */
static const char *read_interpreter(struct arena *arena, const char *path)
{
	char *line = arena_alloc(arena, LONGEST_FIRST_LINE + 1);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? -1 : read(file, line, LONGEST_FIRST_LINE);

	if (file >= 0)
		close(file);
	if (length < 0
	    || strncmp(line,
		       "\x7f"
		       "ELF",
		       4)
		    == 0)
		return "";
	if (strncmp(line, "#!", 2) != 0)
		return NULL;
	line += 2;
	line += strspn(line, " \t");
	line[strcspn(line, " \t\r\n")] = '\0';
	return line;
}

static void check_interpreter(const struct place *p, const char *path)
{
	const char *interpreter = read_interpreter(p->arena, path);

	if (!interpreter)
		error(p, path,
		      "is no program: begin it with a line such as #!/bin/sh");
	else if (*interpreter && access(interpreter, X_OK) != 0)
		finding_error(p->findings,
			      "%s: its first line names %s, which is not there "
			      "or cannot be run: correct it, or install that",
			      path, interpreter);
}

static void check_hook(const struct place *p, const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0)
		error(p, path, "is a link to nowhere: correct or remove it");
	else if (!S_ISREG(status.st_mode))
		error(p, path, "must be a file that can be run");
	else if (!(status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		error(p, path, "cannot be run: chmod +x it");
	else if (p->user == geteuid()
		 && faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) != 0)
		error(p, path,
		      "cannot be run by the pools' user: chmod a+rx it");
	else
		check_interpreter(p, path);
}

/* An executable of another name may be a misspelled hook, which nobody would
 * miss until it is needed. */
static void check_stranger(const struct place *p, const char *path)
{
	struct stat status;

	if (stat(path, &status) == 0 && S_ISREG(status.st_mode)
	    && status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH))
		finding_warning(p->findings,
				"%s: is never run: hooks are called provision, "
				"change-plan, deprovision, sign-on and rotate; "
				"rename it, or put it into a folder of its own",
				path);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void check_entry(const struct place *p, const char *folder,
			const char *name, bool *can_provision)
{
	const char *path = arena_printf(p->arena, "%s/%s", folder, name);
	enum hook_action action;

	check_code(p, path);
	if (!hook_action_named(name, &action)) {
		check_stranger(p, path);
		return;
	}
	check_hook(p, path);
	if (action == HOOK_PROVISION)
		*can_provision = true;
}

static void check_hooks(const struct place *p, const char *folder)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, is_visible, alphasort);
	bool can_provision = false;

	check_code(p, folder);
	if (count < 0) {
		error(p, folder,
		      "must be a folder that the pools' user may read");
		return;
	}
	for (int i = 0; i < count; i++) {
		check_entry(p, folder, entries[i]->d_name, &can_provision);
		free(entries[i]);
	}
	free(entries);
	if (!can_provision)
		finding_error(p->findings,
			      "%s/provision: is missing: put it there, "
			      "executable",
			      folder);
}

/* ---- a library ---- */

/* What its own constructors write is not ours to judge, but to be seen. */
static void load(const struct place *p, const char *path)
{
	struct hook_log lines = { .file = path };
	struct supervise_program program =
		hook_command(p->addon, p->arena, HOOK_LOAD);
	struct supervise_end end;

	program.output_limit = LONGEST_REASON;
	program.deadline = clock_now() + LOADING_LIMIT;
	program.complain = hook_log_take;
	program.context = &lines;
	end = supervise(&program, p->arena, program.deadline + 1);
	hook_log_end(&lines);
	if (end.ending == SUPERVISE_EXITED && end.status == EXIT_SUCCESS
	    && end.output_length > 0)
		return;
	if (end.ending == SUPERVISE_EXITED && end.status == HOOK_UNUSABLE)
		error(p, path, end.output);
	else if (end.ending == SUPERVISE_LATE)
		error(p, path,
		      "takes more than 2 s to load: do what takes long when it "
		      "is called");
	else if (end.ending == SUPERVISE_NOT_RUN)
		finding_error(p->findings, "%s: %s (%s)", path, end.step,
			      strerror(end.status));
	else
		error(p, path,
		      "ends the process that loads it: mend what runs then");
}

static void check_library(const struct place *p, const char *path)
{
	int errors = p->findings->errors;

	check_code(p, path);
	/* What anybody may have put there is not run. */
	if (p->findings->errors == errors)
		load(p, path);
}

void hook_check(const struct addon *addon, struct findings *findings)
{
	const struct place p = {
		.addon = addon,
		.arena = findings->arena,
		.findings = findings,
		.user = hook_user(),
	};

	check_owner(&p, addon->home);
	if (addon->listener == ADDON_EXEC)
		check_hooks(&p, arena_printf(p.arena, "%s/hooks", addon->home));
	else
		check_library(
			&p,
			arena_printf(p.arena, "%s/listener.so", addon->home));
}
