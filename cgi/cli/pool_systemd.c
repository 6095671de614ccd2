#include "cgi/cli/pool_systemd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/pool_table.h"
#include "lib/base/arena.h"

enum { MOST_SYSTEMCTL_WORDS = 2 * POOL_MOST + 8 };

bool pool_systemd_is_running(void)
{
	struct stat status;

	return lstat("/run/systemd/system", &status) == 0
		&& S_ISDIR(status.st_mode);
}

/* Commands of systemctl for which the sockets are named too: a request to the
 * socket of a pool would start the pool again. */
static bool concerns_sockets(const char *command)
{
	return strcmp(command, "start") == 0 || strcmp(command, "stop") == 0;
}

static int list_systemctl_words(struct arena *arena, char *words[],
				const char *command,
				const struct pool *const pools[], int count)
{
	int end = 0;

	words[end++] = arena_strdup(arena, "systemctl");
	words[end++] = arena_strdup(arena, "--no-pager");
	words[end++] = arena_strdup(arena, "--lines=0");
	words[end++] = arena_strdup(arena, command);
	for (int i = 0; i < count; i++)
		if (pools[i]->socket_unit && concerns_sockets(command))
			words[end++] =
				arena_strdup(arena, pools[i]->socket_unit);
	for (int i = 0; i < count; i++)
		words[end++] = arena_strdup(arena, pools[i]->unit);
	words[end] = NULL;
	return end;
}

int pool_systemd_run(struct arena *arena, const char *command,
		     const struct pool *const pools[], int count)
{
	char *words[MOST_SYSTEMCTL_WORDS];
	int end = list_systemctl_words(arena, words, command, pools, count);
	const char *line = words[0];

	/* Print the command without its two options, for readability. */
	for (int i = 3; i < end; i++)
		line = arena_printf(arena, "%s %s", line, words[i]);
	fprintf(stderr, "systemd runs the pools: %s\n", line);
	fflush(NULL);
	execvp(words[0], words);
	return cli_fail("systemctl: cannot be run (%s)", strerror(errno));
}
