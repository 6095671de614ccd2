#include "lib/listener/code_owner.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/addon/addon.h"
#include "lib/base/findings.h"

static uid_t pools_user = (uid_t)-1;

void code_owner_set(uid_t user)
{
	pools_user = user;
}

uid_t code_owner(void)
{
	uid_t self = geteuid();

	return self == 0 && pools_user != (uid_t)-1 ? pools_user : self;
}

void code_owner_check(const char *path, struct findings *findings)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return;
	if (status.st_mode & (S_IWGRP | S_IWOTH))
		finding_error(findings,
			      "%s: users other than its owner can change what "
			      "the pools run (mode %04o): chmod go-w it",
			      path, (unsigned int)status.st_mode & 07777);
	if (status.st_uid != 0 && status.st_uid != code_owner())
		finding_error(findings,
			      "%s: its owner, user %u, can change what the "
			      "pools run: chown it to root",
			      path, (unsigned int)status.st_uid);
}

static bool is_link(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
}

static void check_folders_above(const char *home, char *path,
				struct findings *findings)
{
	for (char *slash; (slash = strrchr(path, '/'));) {
		*slash = '\0';
		if (home && strcmp(path, home) == 0)
			return;
		code_owner_check(*path ? path : "/", findings);
	}
}

void code_owner_check_link(const struct addon *addon, const char *path,
			   struct findings *findings)
{
	char *home = realpath(addon->home, NULL);
	char *target = is_link(path) ? realpath(path, NULL) : NULL;

	code_owner_check(path, findings);
	if (target)
		check_folders_above(home, target, findings);
	free(home);
	free(target);
}
