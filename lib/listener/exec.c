/*
 * exec.c - the listener kind "exec": programs hooks/ACTION in the home.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/listener/code_owner.h"
#include "lib/listener/hook_answer.h"
#include "lib/listener/hook_run.h"
#include "lib/listener/kind.h"

enum { LONGEST_FIRST_LINE = 256 }; /* bytes that the kernel reads of a script */

/* ---- calls ---- */

static const char *hook_file(const struct addon *addon, struct arena *arena,
			     enum listener_action action)
{
	return arena_printf(arena, "%s/hooks/%s", addon->home,
			    listener_action_name(action));
}

static bool is_missing(const char *file)
{
	return access(file, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

/* An action without a hook needs no call.  A hook that was there when its home
 * was read, and is missing now, still counts: the home may be missing for a
 * moment while it is replaced. */
static bool has_hook(const struct addon *addon, enum listener_action action)
{
	return action == LISTENER_PROVISION || addon->hooks & (1u << action);
}

static struct listener_answer read_hook(struct arena *arena,
					const struct listener_call *call,
					const char *file,
					const struct supervise_end *end)
{
	return hook_answer_read(arena, call, file, end->status, end->output,
				end->output_length);
}

static struct listener_answer ask_hook(struct arena *arena,
				       const struct listener_call *call)
{
	const char *file = hook_file(call->addon, arena, call->action);
	const struct hook hook = {
		.file = file,
		.program = hook_program(call->addon, arena, file, file, NULL),
		.read = read_hook,
	};

	if (!is_missing(file))
		return hook_run(arena, call, &hook);
	if (has_hook(call->addon, call->action))
		return hook_answer_failure(arena, file,
					   "is missing: put a program there");
	return hook_answer_no_code(call->action, call->resource->state);
}

/* ---- checks ---- */

/* Return the program that the first line of a script names, or NULL if the file
 * has no such line.  Return "" for a binary or a file that cannot be read. */
static const char *read_interpreter(struct arena *arena, const char *path)
{
	static const char elf[] = { 0x7f, 'E', 'L', 'F' };
	char *line = arena_alloc(arena, LONGEST_FIRST_LINE + 1);
	int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
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

static bool is_executable(mode_t mode)
{
	return mode & (S_IXUSR | S_IXGRP | S_IXOTH);
}

/* The hooks pool runs hooks.  This process may run as another user, in a
 * sandbox in which it can execute nothing and see less, so do not check its own
 * rights. */
static bool may_be_interpreter(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return errno == EACCES;
	return S_ISREG(status.st_mode) && is_executable(status.st_mode);
}

static void check_interpreter(const char *path, struct findings *findings)
{
	const char *interpreter = read_interpreter(findings->arena, path);

	if (!interpreter)
		finding_error(findings,
			      "%s: is not a program: begin it with a line such "
			      "as #!/bin/sh",
			      path);
	else if (*interpreter && !may_be_interpreter(interpreter))
		finding_error(findings,
			      "%s: its first line names %s, which is not there "
			      "or cannot be run: correct it, or install that",
			      path, interpreter);
}

/* Return what is wrong with the file of a hook and how to correct it, or
 * NULL. */
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

/* Warn of an executable that is not named after a hook.  If its name is
 * misspelled, the error would not show before the hook is needed. */
static void check_other_file(const char *path, struct findings *findings)
{
	struct stat status;

	if (stat(path, &status) == 0 && S_ISREG(status.st_mode)
	    && is_executable(status.st_mode))
		finding_warning(findings,
				"%s: is never run: hooks are called %s; rename "
				"it, or move it to another folder",
				path,
				listener_list_actions(findings->arena, "and"));
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void check_entry(struct addon *addon, const char *folder,
			const char *name, struct findings *findings)
{
	const char *path = arena_printf(findings->arena, "%s/%s", folder, name);
	enum listener_action action;

	code_owner_check_link(addon, path, findings);
	if (listener_action_named(name, &action)) {
		addon->hooks |= 1u << action;
		check_hook(path, findings);
	} else {
		check_other_file(path, findings);
	}
}

/* A dangling link counts as a hook, because check_hook() has reported it. */
static bool has_provision_hook(struct arena *arena, const char *folder)
{
	struct stat status;

	return lstat(arena_printf(arena, "%s/provision", folder), &status) == 0;
}

static void check_hook_entries(struct addon *addon, const char *folder,
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

static void check_hook_files(struct addon *addon, struct findings *findings)
{
	const char *folder =
		arena_printf(findings->arena, "%s/hooks", addon->home);

	code_owner_check(addon->home, findings);
	code_owner_check_link(addon, folder, findings);
	check_hook_entries(addon, folder, findings);
}

static bool require_hook(const struct addon *addon, struct arena *arena,
			 enum listener_action action, const char *what,
			 const char **remedy)
{
	const char *file = hook_file(addon, arena, action);

	*remedy = arena_printf(arena,
			       "%s: is missing: put a program there that %s",
			       file, what);
	return !is_missing(file);
}

static bool hook_can_rotate(const struct addon *addon, struct arena *arena,
			    const char **remedy)
{
	return require_hook(addon, arena, LISTENER_ROTATE,
			    "makes new credentials", remedy);
}

static bool hook_can_restore(const struct addon *addon, struct arena *arena,
			     const char **remedy)
{
	return require_hook(addon, arena, LISTENER_RESTORE,
			    "gives one resource the content of another",
			    remedy);
}

/* Without this hook, the content stays where it is.  A resource that has
 * content of its own already would leave that behind. */
static bool hook_can_move(const struct addon *addon, struct arena *arena,
			  bool is_new, const char **remedy)
{
	return require_hook(addon, arena, LISTENER_MOVE,
			    "gives one resource the content of another, in "
			    "place of its own",
			    remedy)
		|| is_new;
}

const struct listener_kind exec_kind = {
	.takes_time = true,
	.open = check_hook_files,
	.can_rotate = hook_can_rotate,
	.can_restore = hook_can_restore,
	.can_move = hook_can_move,
	.ask = ask_hook,
};
