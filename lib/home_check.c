#include "lib/home_check.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "lib/addon.h"
#include "lib/arena.h"
#include "lib/base.h"
#include "lib/finding.h"

struct home {
	const struct addon *addon;
	struct arena *arena;
	uid_t user;
	struct findings *findings;
};

static unsigned int mode_of(const struct stat *status)
{
	return (unsigned int)status->st_mode & 07777;
}

/* ---- files that are read ---- */

static void check_readers(const struct home *home, const char *path)
{
	struct stat status;

	if (stat(path, &status) == 0 && status.st_mode & S_IROTH)
		finding_warning(home->findings,
				"%s: every user of this host can read the "
				"passwords in it (mode %04o): chmod o= it",
				path, mode_of(&status));
}

static void check_writers(const struct home *home, const char *path)
{
	struct stat status;

	if (stat(path, &status) == 0 && status.st_mode & S_IWOTH)
		finding_error(home->findings,
			      "%s: every user of this host can change it (mode "
			      "%04o): chmod o-w it",
			      path, mode_of(&status));
}

static void check_secrets(const struct home *home, const char *path)
{
	check_readers(home, path);
	check_writers(home, path);
}

/* ---- files that are run ---- */

static void check_code(const struct home *home, const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return;
	if (status.st_mode & (S_IWGRP | S_IWOTH))
		finding_error(home->findings,
			      "%s: others than its owner can change what the "
			      "pools run (mode %04o): chmod go-w it",
			      path, mode_of(&status));
	if (status.st_uid != 0 && status.st_uid != home->user)
		finding_error(home->findings,
			      "%s: its owner, user %u, can change what the "
			      "pools run: chown it to root",
			      path, (unsigned int)status.st_uid);
}

static int is_no_dot(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void check_hooks(const struct home *home, const char *folder)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, is_no_dot, alphasort);

	check_code(home, folder);
	for (int i = 0; i < count; i++) {
		check_code(home,
			   arena_printf(home->arena, "%s/%s", folder,
					entries[i]->d_name));
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

/* ---- all of it ---- */

void home_check(const struct addon *addon, uid_t user,
		struct findings *findings)
{
	static const char *const secrets[] = {
		"addon-manifest.json",
		"settings.json",
	};
	struct home home = { addon, findings->arena, user, findings };
	const char *folder = addon->home;

	for (size_t i = 0; i < COUNT(secrets); i++)
		check_secrets(
			&home,
			arena_printf(home.arena, "%s/%s", folder, secrets[i]));
	if (addon->client_secret_file)
		check_secrets(&home, addon->client_secret_file);
	if (addon->listener == ADDON_EXEC || addon->listener == ADDON_SO)
		check_code(&home, folder);
	else
		check_writers(&home, folder);
	check_writers(&home,
		      arena_printf(home.arena, "%s/template.json", folder));
	check_hooks(&home, arena_printf(home.arena, "%s/hooks", folder));
	check_code(&home, arena_printf(home.arena, "%s/listener.so", folder));
}
