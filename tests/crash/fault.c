/*
 * fault.c - kills or stops a process at a crash point, in the build with
 * faults.
 *
 * PROVISOR_FAULTS names a folder.  The first process that reaches a crash point
 * renames the file WORK.PLACE in it, such as provision.asked, to WORK.PLACE.PID
 * and gets SIGKILL, or SIGSTOP if the file is not empty.
 */
#include "lib/base/crash_point.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void crash_point(const char *work, const char *place)
{
	const char *folder = getenv("PROVISOR_FAULTS");
	char path[512], hit[sizeof path + 16];
	struct stat status;

	if (!folder)
		return;
	snprintf(path, sizeof path, "%s/%s.%s", folder, work, place);
	snprintf(hit, sizeof hit, "%s.%ld", path, (long)getpid());
	if (stat(path, &status) == 0 && rename(path, hit) == 0)
		kill(getpid(), status.st_size > 0 ? SIGSTOP : SIGKILL);
}
