/*
 * hook_run.c - asks a vendor's code, and judges how that ended.
 */
#include "lib/listener/hook.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/clock.h"
#include "lib/listener/hook_log.h"
#include "lib/listener/hook_command.h"
#include "lib/listener/hook_protocol.h"
#include "lib/text/json.h"
#include "lib/base/log.h"

struct asking {
	const struct addon *addon;
	struct arena *arena;
	const struct hook_call *call;
	const char *file;
};

/* ---- a hook that is not there ---- */

static bool is_missing(const struct addon *addon, const char *file)
{
	return addon->listener == ADDON_EXEC && access(file, F_OK) != 0
		&& errno == ENOENT;
}

bool hook_is_there(const struct addon *addon, struct arena *arena,
		   enum hook_action action)
{
	return !is_missing(addon,
			   hook_file(addon, arena, hook_action_name(action)));
}

static struct hook_result answer_for_missing(const struct asking *a)
{
	switch (a->call->action) {
	case HOOK_DEPROVISION:
	case HOOK_SIGN_ON:
		return (struct hook_result){ .verdict = HOOK_DONE };
	case HOOK_CHANGE_PLAN:
		return (struct hook_result){
			.verdict = HOOK_REFUSED,
			.message = hook_no_change,
		};
	case HOOK_ROTATE:
		return (struct hook_result){
			.verdict = HOOK_REFUSED,
			.message = hook_no_rotation,
		};
	default:
		return hook_failure(a->arena, a->file,
				    "is missing: put it there");
	}
}

/* ---- how it ended ---- */

/* What exec says of a file that is there and executable. */
static const char *remedy_of(int error)
{
	static const struct {
		int error;
		const char *remedy;
	} remedies[] = {
		{ ENOEXEC, "begin it with a line such as #!/bin/sh" },
		{ ENOENT, "does its #! line name a program that is there?" },
		{ EACCES, "may the pools' user execute it: chmod a+x it?" },
		{ ETXTBSY, "replace it by renaming, rather than write to it" },
	};

	for (size_t i = 0; i < COUNT(remedies); i++)
		if (remedies[i].error == error)
			return remedies[i].remedy;
	return "what the system says must be mended";
}

static const char *describe(struct arena *arena,
			    const struct supervise_end *end)
{
	switch (end->ending) {
	case SUPERVISE_EXITED:
		return arena_printf(arena, "exit status %d", end->status);
	case SUPERVISE_KILLED:
		return arena_printf(arena, "signal %d, SIG%s", end->status,
				    sigabbrev_np(end->status)
					    ? sigabbrev_np(end->status)
					    : "RT");
	case SUPERVISE_LATE:
		return "ended by us, at its deadline";
	case SUPERVISE_TOO_MUCH:
		return "ended by us, for writing too much";
	case SUPERVISE_NOT_RUN:
		return "never run";
	case SUPERVISE_LOST:
		return "ended by us, without its supervisor";
	}
	return NULL;
}

static const char *why_failed(const struct asking *a,
			      const struct supervise_end *end)
{
	switch (end->ending) {
	case SUPERVISE_KILLED:
		return arena_printf(a->arena, "was ended by signal %d (%s)",
				    end->status, strsignal(end->status));
	case SUPERVISE_LATE:
		return "took too long and was ended: have it answer pending "
		       "(exit status 75 and retry_after) and go on later";
	case SUPERVISE_TOO_MUCH:
		return "wrote more than 64 KiB to standard output and was "
		       "ended: write all but the answer to standard error";
	case SUPERVISE_NOT_RUN:
		return arena_printf(a->arena, "%s (%s): %s", end->step,
				    strerror(end->status),
				    remedy_of(end->status));
	case SUPERVISE_LOST:
		return "was ended, since the process that watched over it was "
		       "killed";
	case SUPERVISE_EXITED:
		break;
	}
	return NULL;
}

/* A library whose call has returned has an answer, if it be {}. */
static struct hook_result judge_library(const struct asking *a,
					const struct supervise_end *end)
{
	if (end->status == HOOK_UNUSABLE && end->output_length > 0)
		return hook_failure(a->arena, a->file, end->output);
	if (end->output_length == 0)
		return hook_failure(
			a->arena, a->file,
			arena_printf(a->arena,
				     "ended the process, with exit status %d: "
				     "have it return instead",
				     end->status));
	return hook_protocol_read(a->arena, a->addon, a->call->action, a->file,
				  end->status, end->output, end->output_length);
}

static struct hook_result judge(const struct asking *a,
				const struct supervise_end *end)
{
	if (end->ending != SUPERVISE_EXITED)
		return hook_failure(a->arena, a->file, why_failed(a, end));
	if (a->addon->listener == ADDON_SO)
		return judge_library(a, end);
	return hook_protocol_read(a->arena, a->addon, a->call->action, a->file,
				  end->status, end->output, end->output_length);
}

/* ---- asking ---- */

/* A line, for hooks that read one. */
static const char *compose(const struct asking *a, int seconds)
{
	return arena_printf(a->arena, "%s\n",
			    json_print(a->arena,
				       hook_protocol_write(a->arena, a->addon,
							   a->call, seconds)));
}

static struct hook_result run(const struct asking *a, int64_t wait_until)
{
	const char *action = hook_action_name(a->call->action);
	int64_t left = a->call->deadline - clock_now();
	struct hook_log lines = { .file = a->file };
	struct supervise_program program =
		hook_command(a->addon, a->arena, action);
	struct supervise_end end;
	struct hook_result result;

	if (left <= 0 || clock_now() >= wait_until)
		return hook_failure(a->arena, a->file,
				    "was not run: no time was left");
	program.input = compose(a, (int)(left / 1000));
	program.input_length = strlen(program.input);
	program.output_limit = HOOK_LONGEST_OUTPUT;
	program.deadline = a->call->deadline;
	program.complain = hook_log_take;
	program.context = &lines;
	end = supervise(&program, a->arena, wait_until);
	hook_log_end(&lines);
	result = judge(a, &end);
	result.ended = describe(a->arena, &end);
	result.may_still_run = end.may_still_run;
	return result;
}

struct hook_result hook_run(const struct addon *addon, struct arena *arena,
			    const struct hook_call *call, int64_t wait_until)
{
	const struct asking a = {
		.addon = addon,
		.arena = arena,
		.call = call,
		.file = hook_file(addon, arena, hook_action_name(call->action)),
	};
	struct hook_result result = is_missing(addon, a.file)
		? answer_for_missing(&a)
		: run(&a, wait_until);

	if (result.why)
		log_fields(LOG_LEVEL_ERROR,
			   (const struct log_field[]){
				   { "resource", call->uuid },
				   { "action", hook_action_name(call->action) },
				   { "message", result.why },
				   { NULL, NULL } });
	return result;
}
