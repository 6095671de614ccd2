#include "lib/process/children.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KILL_AGAIN = 5 }; /* ms */

int children_each(pid_t parent, bool (*act)(const void *context, pid_t child),
		  const void *context)
{
	char path[64];
	FILE *list;
	int count = 0, child;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent,
		 (int)parent);
	list = fopen(path, "re");
	while (list && fscanf(list, "%d", &child) == 1)
		count += act(context, child);
	if (list)
		fclose(list);
	return count;
}

static bool kill_own_child(const void *context, pid_t child)
{
	(void)context;
	return kill(child, SIGKILL) == 0;
}

/* Return true if no child is left. */
static bool reap_own_children(void)
{
	pid_t reaped;

	do
		reaped = waitpid(-1, NULL, WNOHANG);
	while (reaped > 0);
	return reaped < 0;
}

void children_end(void)
{
	const struct timespec moment = { .tv_nsec = KILL_AGAIN * 1000000L };

	while (!reap_own_children()) {
		children_each(getpid(), kill_own_child, NULL);
		nanosleep(&moment, NULL);
	}
}
