/*
 * coverage_exit.c - writes the counts of lines of a process that ends by
 * _exit(), in the build for gcov.
 *
 * Otherwise only exit() and exec() write them, and the processes of the hooks
 * pool would seem to run nothing.  This function takes the place of libc's.
 */
#include <fcntl.h>
#include <gcov.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A process that has become another user cannot write the files of counts, and
 * gcov reports that to standard error, which tests compare. */
void _exit(int status)
{
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	dup2(nowhere, STDERR_FILENO);
	__gcov_dump();
	for (;;)
		syscall(SYS_exit_group, status);
}
