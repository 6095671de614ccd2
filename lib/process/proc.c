#include "lib/process/proc.h"

#include <dirent.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/text/number.h"

enum { MOST_WORDS = 64 }; /* further arguments are left out */

static FILE *open_proc_file(struct arena *arena, pid_t pid, const char *name)
{
	return fopen(arena_printf(arena, "/proc/%d/%s", (int)pid, name), "re");
}

/* In /proc/PID/stat, the second field after the name is the parent, and the
 * 20th is the start, in ticks since the boot. */
static bool read_proc_stat(struct arena *arena, pid_t pid, struct proc *proc)
{
	FILE *file = open_proc_file(arena, pid, "stat");
	unsigned long long ticks = 0;
	struct timespec now;
	bool is_read = file
		&& fscanf(file,
			  "%*d (%*[^)]) %*s %d %*s %*s %*s %*s %*s %*s %*s "
			  "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
			  &proc->parent, &ticks)
			== 2;

	if (file)
		fclose(file);
	clock_gettime(CLOCK_BOOTTIME, &now);
	proc->age = (double)now.tv_sec + (double)now.tv_nsec / 1e9
		- (double)ticks / (double)sysconf(_SC_CLK_TCK);
	return is_read;
}

/* The owner of /proc/PID is root for a process that may not be dumped. */
static bool read_proc_user(struct arena *arena, pid_t pid, struct proc *proc)
{
	FILE *file = open_proc_file(arena, pid, "status");
	char *line = NULL;
	size_t size = 0;
	bool is_read = false;

	while (file && !is_read && getline(&line, &size, file) > 0)
		is_read = sscanf(line, "Uid: %*u %u", &proc->user) == 1;
	free(line);
	if (file)
		fclose(file);
	return is_read;
}

static bool read_proc_words(struct arena *arena, pid_t pid, struct proc *proc)
{
	FILE *file = open_proc_file(arena, pid, "cmdline");
	char *word = NULL;
	size_t size = 0;

	proc->count = 0;
	proc->words = arena_alloc(arena, MOST_WORDS * sizeof *proc->words);
	while (file && proc->count < MOST_WORDS
	       && getdelim(&word, &size, '\0', file) > 0)
		proc->words[proc->count++] = arena_strdup(arena, word);
	free(word);
	if (file)
		fclose(file);
	return file;
}

bool proc_read(struct arena *arena, pid_t pid, struct proc *proc)
{
	return read_proc_stat(arena, pid, proc)
		&& read_proc_user(arena, pid, proc)
		&& read_proc_words(arena, pid, proc);
}

bool proc_shares_files(struct arena *arena, pid_t pid)
{
	struct stat theirs, ours;

	return stat(arena_printf(arena, "/proc/%d/ns/mnt", (int)pid), &theirs)
		!= 0
		|| (stat("/proc/self/ns/mnt", &ours) == 0
		    && theirs.st_dev == ours.st_dev
		    && theirs.st_ino == ours.st_ino);
}

int proc_list(pid_t pids[], int most)
{
	DIR *folder = opendir("/proc");
	const struct dirent *entry;
	int count = 0;

	while (folder && count < most && (entry = readdir(folder)))
		if (number_read_int(entry->d_name, 1, INT_MAX, &pids[count]))
			count++;
	if (folder)
		closedir(folder);
	return count;
}

bool proc_has_ended(int pidfd)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };

	return poll(&end, 1, 0) > 0;
}
