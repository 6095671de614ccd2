#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/process/supervise.h"

/* The patience exceeds what any test needs.  An alarm ends a test that hangs.
 */
enum { PATIENCE = 3600000 /* ms */, ALARM = 60 /* s */, LIMIT = 1000 };

static const char *complaints;

static void complain(void *context, const char *bytes, size_t length)
{
	(void)context;
	complaints =
		arena_printf(arena, "%s%.*s", complaints, (int)length, bytes);
}

/* Run a script with /bin/sh and without a time limit. */
static struct supervise_program shell(const char *script)
{
	static const char *arguments[] = { "sh", "-c", NULL, NULL };
	static const char *const environment[] = {
		"PATH=/usr/bin:/bin",
		NULL,
	};

	arguments[2] = script;
	complaints = "";
	return (struct supervise_program){
		.path = "/bin/sh",
		.arguments = arguments,
		.environment = environment,
		.folder = "/",
		.user = geteuid(),
		.output_limit = LIMIT,
		.deadline = clock_now() + PATIENCE,
		.grace = 100,
		.take_errors = complain,
	};
}

static struct supervise_end run(const char *script)
{
	struct supervise_program program = shell(script);

	return supervise(&program, arena, program.deadline);
}

/* ---- how it ends ---- */

static struct ending_row {
	const char *name;
	const char *script;
	enum supervise_ending ending;
	int status;
	const char *output;
} endings[] = {
	{ "an exit status is reported", "exit 7", SUPERVISE_EXITED, 7, "" },
	{ "a signal is reported", "kill -USR1 $$", SUPERVISE_KILLED, SIGUSR1,
	  "" },
	{ "what was written is there", "echo a; echo b", SUPERVISE_EXITED, 0,
	  "a\nb\n" },
	{ "also of who fails", "echo a; exit 1", SUPERVISE_EXITED, 1, "a\n" },
	{ "more than may be is not", "printf %1001s x", SUPERVISE_TOO_MUCH, 0,
	  "" },
	{ "much longer output is refused", "exec yes", SUPERVISE_TOO_MUCH, 0,
	  "" },
};

static void ending_is_told(void **state)
{
	const struct ending_row *row = *state;
	struct supervise_end end = run(row->script);

	assert_int_equal(end.ending, row->ending);
	if (row->ending != SUPERVISE_TOO_MUCH)
		assert_int_equal(end.status, row->status);
	assert_text(end.output, row->output);
	assert_int_equal(end.output_length, strlen(row->output));
}

static void what_cannot_be_run_is_told(void)
{
	struct supervise_program program = shell("");
	struct supervise_end end;

	program.path = "/nowhere";
	end = supervise(&program, arena, program.deadline);
	assert_int_equal(end.ending, SUPERVISE_NOT_RUN);
	assert_int_equal(end.status, ENOENT);
	assert_text(end.step, "cannot be run");
	program = shell("");
	program.folder = "/dev/null";
	end = supervise(&program, arena, program.deadline);
	assert_int_equal(end.ending, SUPERVISE_NOT_RUN);
	assert_int_equal(end.status, ENOTDIR);
	assert_text(end.step, "its folder cannot be entered");
}

static void as_much_as_may_be_is_there(void)
{
	assert_int_equal(run("printf %1000s x").output_length, LIMIT);
}

static void standard_error_is_handed_on(void)
{
	run("echo a >&2; echo b; printf c >&2");
	assert_text(complaints, "a\nc");
}

static void a_large_input_is_read_or_not(void)
{
	enum { LARGE = 1 << 20 };
	static const char *const scripts[] = { "wc -c", "head -c 5 | wc -c",
					       "exec 0<&-; echo 0", "echo 0" };
	static const char *const outputs[] = { "1048576\n", "5\n", "0\n",
					       "0\n" };

	for (size_t i = 0; i < COUNT(scripts); i++) {
		struct supervise_program program = shell(scripts[i]);

		program.input = arena_alloc(arena, LARGE);
		program.input_length = LARGE;
		assert_text(supervise(&program, arena, program.deadline).output,
			    outputs[i]);
	}
}

/* ---- when it must end ---- */

static void a_deadline_ends_it(void)
{
	struct supervise_program program = shell("trap '' TERM; sleep 1000");
	struct supervise_end end;

	program.deadline = clock_now() + 50;
	end = supervise(&program, arena, clock_now() + PATIENCE);
	assert_int_equal(end.ending, SUPERVISE_LATE);
	assert_true(clock_now() >= program.deadline);
	assert_false(end.may_still_run);
}

/* The script keeps its pipes open. */
static void who_gives_up_has_it_ended(void)
{
	int pipe_of[2];
	char byte;
	struct supervise_program program;
	struct supervise_end end;

	assert_int_equal(pipe(pipe_of), 0);
	program = shell(arena_printf(
		arena, "exec 9>/proc/%d/fd/%d; trap '' TERM; sleep 1000",
		(int)getpid(), pipe_of[1]));
	end = supervise(&program, arena, clock_now() + 200);
	assert_int_equal(end.ending, SUPERVISE_LATE);
	assert_true(end.may_still_run);
	close(pipe_of[1]);
	assert_int_equal(read(pipe_of[0], &byte, 1), 0);
	close(pipe_of[0]);
}

static void what_is_left_behind_is_told_and_ended(void)
{
	int pipe_of[2];
	char byte;
	struct supervise_end end;

	assert_int_equal(pipe(pipe_of), 0);
	end = run(arena_printf(arena,
			       "exec 9>/proc/%d/fd/%d;"
			       "setsid sh -c 'trap \"\" TERM; sleep 1000' &",
			       (int)getpid(), pipe_of[1]));
	assert_int_equal(end.ending, SUPERVISE_EXITED);
	assert_true(end.may_still_run);
	close(pipe_of[1]);
	assert_int_equal(read(pipe_of[0], &byte, 1), 0);
	close(pipe_of[0]);
	assert_false(run("true").may_still_run);
}

/* ---- what the caller keeps ---- */

static int count_descriptors(void)
{
	DIR *list = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(list))
		count++;
	closedir(list);
	return count;
}

static void the_caller_stays_as_it_was(void)
{
	struct sigaction before = { .sa_handler = SIG_DFL }, now;
	int descriptors = count_descriptors();

	sigaction(SIGPIPE, &before, NULL);
	run("echo a; echo b >&2");
	run("exec yes");
	assert_int_equal(count_descriptors(), descriptors);
	sigaction(SIGPIPE, NULL, &now);
	assert_true(now.sa_handler == SIG_DFL);
}

/* Wait until all children have ended; none is left to be reaped. */
static void no_child_is_left_to_reap(void)
{
	run("sleep 1000 & exit 0");
	assert_int_equal(waitpid(-1, NULL, 0), -1);
	assert_int_equal(errno, ECHILD);
}

static struct unit_check checks[] = {
	{ "the reason is reported if a program cannot run",
	  what_cannot_be_run_is_told },
	{ "as much as may be is there", as_much_as_may_be_is_there },
	{ "standard error is handed on", standard_error_is_handed_on },
	{ "a large input is read, or not", a_large_input_is_read_or_not },
	{ "a deadline ends it", a_deadline_ends_it },
	{ "who gives up has it ended", who_gives_up_has_it_ended },
	{ "processes left behind are reported and ended",
	  what_is_left_behind_is_told_and_ended },
	{ "the caller stays as it was", the_caller_stays_as_it_was },
	{ "no child is left to reap", no_child_is_left_to_reap },
};

int main(void)
{
	/* The disposition may be inherited. */
	signal(SIGPIPE, SIG_DFL);
	alarm(ALARM);
	UNIT_ROWS(endings, ending_is_told);
	UNIT_CHECKS(checks);
	return unit_run("supervise");
}
