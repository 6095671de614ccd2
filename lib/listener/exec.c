/*
 * exec.c - the listener kind "exec": programs hooks/ACTION in the home.
 */
#include <errno.h>
#include <unistd.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/listener/exec_check.h"
#include "lib/listener/hook_protocol.h"
#include "lib/listener/hook_run.h"
#include "lib/listener/kind.h"

static const char *hook_file(const struct addon *addon, struct arena *arena,
			     enum listener_action action)
{
	return arena_printf(arena, "%s/hooks/%s", addon->home,
			    listener_action_name(action));
}

static bool is_missing(const char *file)
{
	return access(file, F_OK) != 0 && errno == ENOENT;
}

static struct listener_answer read_hook(struct arena *arena,
					const struct listener_call *call,
					const char *file,
					const struct supervise_end *end)
{
	return hook_protocol_read(arena, call, file, end->status, end->output,
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
	if (call->action == LISTENER_PROVISION)
		return hook_protocol_failure(arena, file,
					     "is missing: put a program there");
	return hook_protocol_no_code(call->action);
}

static bool hook_can_rotate(const struct addon *addon, struct arena *arena,
			    const char **remedy)
{
	const char *file = hook_file(addon, arena, LISTENER_ROTATE);

	*remedy = arena_printf(arena,
			       "%s: is missing: put a program there that makes "
			       "new credentials",
			       file);
	return !is_missing(file);
}

const struct listener_kind exec_kind = {
	.takes_time = true,
	.open = exec_check,
	.can_rotate = hook_can_rotate,
	.ask = ask_hook,
};
