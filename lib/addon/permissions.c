#include "lib/addon/permissions.h"

#include <sys/stat.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/findings.h"

struct home {
	const struct addon *addon;
	struct arena *arena;
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

/* ---- all of it ---- */

void home_check(const struct addon *addon, struct findings *findings)
{
	static const char *const secrets[] = {
		"addon-manifest.json",
		"settings.json",
	};
	struct home home = { addon, findings->arena, findings };
	const char *folder = addon->home;

	for (size_t i = 0; i < COUNT(secrets); i++)
		check_secrets(
			&home,
			arena_printf(home.arena, "%s/%s", folder, secrets[i]));
	if (addon->client_secret_file)
		check_secrets(&home, addon->client_secret_file);
	/* A home with code has been checked more strictly, as it was read. */
	if (addon->listener == ADDON_TEMPLATE)
		check_writers(&home, folder);
	check_writers(&home,
		      arena_printf(home.arena, "%s/template.json", folder));
}
