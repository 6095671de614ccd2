#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/process/supervise.h"
#include "pool.h"

/* The patience exceeds what any test needs.  An alarm ends a test that hangs.
 */
enum { PATIENCE = 3600000 /* ms */, ALARM = 60 /* s */, LIMIT = 1000 };

static const char *written_errors;

static void collect_errors(void *context, const char *bytes, size_t length)
{
	(void)context;
	written_errors = arena_printf(arena, "%s%.*s", written_errors,
				      (int)length, bytes);
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
	written_errors = "";
	return (struct supervise_program){
		.socket = pool_socket,
		.call = {
			.path = "/bin/sh",
			.arguments = arguments,
			.environment = environment,
			.folder = "/",
			.deadline = clock_now() + PATIENCE,
			.grace = 100,
		},
		.output_limit = LIMIT,
		.take_errors = collect_errors,
	};
}

static struct supervise_end run(const char *script)
{
	struct supervise_program program = shell(script);

	return supervise(&program, arena, program.call.deadline);
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

	program.call.path = "/nowhere";
	end = supervise(&program, arena, program.call.deadline);
	assert_int_equal(end.ending, SUPERVISE_NOT_RUN);
	assert_int_equal(end.status, ENOENT);
	assert_text(end.step, "cannot be run");
	program = shell("");
	program.call.folder = "/dev/null";
	end = supervise(&program, arena, program.call.deadline);
	assert_int_equal(end.ending, SUPERVISE_NOT_RUN);
	assert_int_equal(end.status, ENOTDIR);
	assert_text(end.step, "its folder cannot be entered");
}

/* A step that does not exist, in a pipe of the supervisor. */
static void what_a_program_reports_itself_is_not_believed(void)
{
	struct supervise_end end = run(
		"for pipe in /proc/$PPID/fd/*; do "
		/* These are the test's own until the supervisor closes them. */
		"case $pipe in */[012]) continue ;; esac; "
		"test ! -p $pipe || printf "
		"'\\0\\0\\0\\0\\377\\377\\377\\17\\0\\0\\0\\0\\0\\0\\0\\0'"
		" >$pipe; done 2>&-; sleep 1000");

	assert_int_equal(end.ending, SUPERVISE_LOST);
	assert_false(end.may_still_run);
}

static void as_much_as_may_be_is_there(void)
{
	assert_int_equal(run("printf %1000s x").output_length, LIMIT);
}

static void standard_error_is_handed_on(void)
{
	run("echo a >&2; echo b; printf c >&2");
	assert_text(written_errors, "a\nc");
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
		assert_text(supervise(&program, arena, program.call.deadline)
				    .output,
			    outputs[i]);
	}
}

/* ---- when it must end ---- */

static void a_deadline_ends_it(void)
{
	struct supervise_program program = shell("trap '' TERM; sleep 1000");
	struct supervise_end end;

	/* Long enough to start it on a busy machine. */
	program.call.deadline = clock_now() + 1000;
	end = supervise(&program, arena, clock_now() + PATIENCE);
	assert_int_equal(end.ending, SUPERVISE_LATE);
	assert_true(clock_now() >= program.call.deadline);
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

static void no_pool_is_told(void)
{
	struct supervise_program program = shell("");
	struct supervise_end end;

	program.socket = "/nowhere";
	end = supervise(&program, arena, program.call.deadline);
	assert_int_equal(end.ending, SUPERVISE_AWAY);
	assert_text(end.step,
		    "the hooks pool does not listen at /nowhere (No such file "
		    "or directory): start provisor-hooks");
	assert_false(end.may_still_run);
}

static struct unit_check checks[] = {
	{ "the reason is reported if a program cannot run",
	  what_cannot_be_run_is_told },
	{ "what a program reports itself is not believed",
	  what_a_program_reports_itself_is_not_believed },
	{ "as much as may be is there", as_much_as_may_be_is_there },
	{ "standard error is passed on", standard_error_is_handed_on },
	{ "a large input is read, or not", a_large_input_is_read_or_not },
	{ "a deadline ends it", a_deadline_ends_it },
	{ "who gives up has it ended", who_gives_up_has_it_ended },
	{ "processes left behind are reported and ended",
	  what_is_left_behind_is_told_and_ended },
	{ "the caller stays as it was", the_caller_stays_as_it_was },
	{ "without a pool, the reason is reported", no_pool_is_told },
};

int main(void)
{
	/* The disposition may be inherited. */
	signal(SIGPIPE, SIG_DFL);
	alarm(ALARM);
	pool_start();
	UNIT_ROWS(endings, ending_is_told);
	UNIT_CHECKS(checks);
	return unit_run("supervise");
}
