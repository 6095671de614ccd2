#include "cgi/cli/pool_start.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/pool_table.h"
#include "lib/base/arena.h"
#include "lib/process/user.h"

#define POOL_PATH                                                              \
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static bool set_standard_files(int listener)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	return null >= 0
		&& dup2(listener >= 0 ? listener : null, STDIN_FILENO) >= 0
		&& dup2(null, STDOUT_FILENO) >= 0
		&& dup2(null, STDERR_FILENO) >= 0;
}

/* Set what the units set, too: no core dumps, which would contain secrets, and
 * a umask so that other users cannot read new files. */
static bool set_limits(void)
{
	const struct rlimit none = { 0, 0 };
	struct sigaction standard = { .sa_handler = SIG_DFL };
	sigset_t signals;

	sigemptyset(&signals);
	umask(0077);
	for (int i = 1; i < NSIG; i++)
		sigaction(i, &standard, NULL);
	return sigprocmask(SIG_SETMASK, &signals, NULL) == 0
		&& setrlimit(RLIMIT_CORE, &none) == 0 && chdir("/") == 0;
}

struct manager {
	const struct pool *pool;
	int listener;
	char *words[3];       /* of its command line, ending with NULL */
	char *environment[4]; /* the same */
};

/* Write errno to report if the program cannot be run.  exec closes report. */
static _Noreturn void become_manager(const struct manager *manager, int report)
{
	const struct passwd *user = getpwnam(manager->pool->user);

	errno = ESRCH;
	if (user && user_become(user->pw_uid) && setsid() > 0 && set_limits()
	    && set_standard_files(manager->listener))
		execve(manager->words[0], manager->words, manager->environment);
	(void)!write(report, &errno, sizeof errno);
	_exit(EXIT_FAILURE);
}

/* Return the pid, or -1 with the reason in errno. */
static pid_t fork_manager(const struct manager *manager)
{
	int report[2], error = 0;
	pid_t child;

	if (pipe2(report, O_CLOEXEC) != 0)
		return -1;
	fflush(NULL);
	child = fork();
	if (child == 0)
		become_manager(manager, report[1]);
	close(report[1]);
	if (child > 0 && read(report[0], &error, sizeof error) > 0) {
		child = -1;
		errno = error;
	}
	close(report[0]);
	return child;
}

pid_t pool_start(const struct cli *cli, const struct pool *pool,
		 const char *program, int listener)
{
	struct arena *arena = cli->arena;
	bool has_settings = pool->role != METRICS_PROCESS;
	char *settings = has_settings ? realpath(cli->env_file, NULL) : NULL;
	const struct manager manager = {
		.pool = pool,
		.listener = listener,
		.words = { arena_strdup(arena, program),
			   arena_strdup(arena, pool->name), NULL },
		.environment = { arena_strdup(arena, POOL_PATH),
				 arena_strdup(arena, "LC_ALL=C.UTF-8"),
				 settings ? arena_printf(
					 arena, "PROVISOR_ENV=%s", settings)
					  : NULL,
				 NULL },
	};
	pid_t pid = fork_manager(&manager);

	free(settings);
	if (pid < 0)
		cli_fail("%s: %s cannot be run as %s (%s)", pool->name, program,
			 pool->user, strerror(errno));
	return pid;
}
