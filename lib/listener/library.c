/*
 * library.c - the listener kind "library": a shared object listener.so.
 *
 * For each call, the hooks pool starts its own program again as the process of
 * library_process.c, which loads the library and speaks the protocol of hooks.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/findings.h"
#include "lib/listener/code_owner.h"
#include "lib/listener/hook_answer.h"
#include "lib/listener/hook_run.h"
#include "lib/listener/kind.h"
#include "lib/listener/library_process.h"

enum {
	LOADING_LIMIT = 2000, /* ms */
	LONGEST_REASON = 4096 /* bytes */
};

static const char *library_file(const struct addon *addon, struct arena *arena)
{
	return arena_printf(arena, "%s/listener.so", addon->home);
}

/* The hooks pool runs its own executable again, even if another version has
 * been installed since. */
static struct supervise_program library_program(const struct addon *addon,
						struct arena *arena,
						const char *argument)
{
	return hook_program(addon, arena, "/proc/self/exe",
			    LIBRARY_PROCESS_NAME, argument);
}

/* ---- calls ---- */

/* A library that has returned has written an answer, at least {}. */
static struct listener_answer read_library(struct arena *arena,
					   const struct listener_call *call,
					   const char *file,
					   const struct supervise_end *end)
{
	if (end->output_length == 0)
		return hook_answer_failure(
			arena, file,
			arena_printf(arena,
				     "ended the process, with exit status %d: "
				     "have it return instead",
				     end->status));
	if (end->status == LIBRARY_PROCESS_UNUSABLE)
		return hook_answer_failure(arena, file, end->output);
	return hook_answer_read(arena, call, file, end->status, end->output,
				end->output_length);
}

static struct listener_answer ask_library(struct arena *arena,
					  const struct listener_call *call)
{
	const struct hook hook = {
		.file = library_file(call->addon, arena),
		.program = library_program(call->addon, arena,
					   listener_action_name(call->action)),
		.read = read_library,
	};

	return hook_run(arena, call, &hook);
}

/* ---- checks ---- */

/* Return why a library cannot be loaded and how to correct it, or NULL. */
static const char *find_load_fault(struct arena *arena,
				   const struct supervise_end *end)
{
	if (end->ending == SUPERVISE_EXITED && end->status == EXIT_SUCCESS
	    && end->output_length > 0)
		return NULL;
	if (end->ending == SUPERVISE_EXITED
	    && end->status == LIBRARY_PROCESS_UNUSABLE)
		return end->output;
	if (end->ending == SUPERVISE_LATE)
		return "takes more than 2 s to load: move slow work from its "
		       "constructors to its functions";
	if (end->ending == SUPERVISE_NOT_RUN)
		return arena_printf(arena, "%s (%s)", end->step,
				    strerror(end->status));
	return "ends the process that loads it: correct its constructors";
}

static void check_loading(const struct addon *addon, const char *file,
			  struct findings *findings)
{
	struct arena *arena = findings->arena;
	struct supervise_program program =
		library_program(addon, arena, LIBRARY_PROCESS_LOAD);
	struct supervise_end end;
	const char *fault;

	program.output_limit = LONGEST_REASON;
	program.call.deadline = clock_now() + LOADING_LIMIT;
	end = hook_run_program(arena, &program, file, NULL,
			       program.call.deadline + 1);
	fault = find_load_fault(arena, &end);
	if (end.ending == SUPERVISE_AWAY)
		finding_warning(findings, "%s: was not tried: %s", file,
				end.step);
	else if (fault)
		finding_error(findings, "%s: %s", file, fault);
}

/* A library that another user can change is not loaded. */
static void check_library(struct addon *addon, struct findings *findings)
{
	const char *file = library_file(addon, findings->arena);
	int errors;

	code_owner_check(addon->home, findings);
	errors = findings->errors;
	code_owner_check_link(addon, file, findings);
	if (findings->errors == errors)
		check_loading(addon, file, findings);
}

/* Only the library itself knows whether it can rotate, restore or move.  A call
 * for which it has no function is refused. */
static bool library_can(const struct addon *addon, struct arena *arena,
			const char **remedy)
{
	(void)addon;
	(void)arena;
	*remedy = NULL;
	return true;
}

static bool library_can_move(const struct addon *addon, struct arena *arena,
			     bool is_new, const char **remedy)
{
	(void)is_new;
	return library_can(addon, arena, remedy);
}

const struct listener_kind library_kind = {
	.takes_time = true,
	.open = check_library,
	.can_rotate = library_can,
	.can_restore = library_can,
	.can_move = library_can_move,
	.ask = ask_library,
};
