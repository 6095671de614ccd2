#include "lib/addon/permissions.h"

#include <sys/stat.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/findings.h"

static unsigned int mode_bits(const struct stat *status)
{
	return (unsigned int)status->st_mode & 07777;
}

static void check_readers(const char *path, struct findings *findings)
{
	struct stat status;

	if (stat(path, &status) == 0 && status.st_mode & S_IROTH)
		finding_warning(findings,
				"%s: every user of this host can read the "
				"passwords in it (mode %04o): chmod o= it",
				path, mode_bits(&status));
}

static void check_writers(const char *path, struct findings *findings)
{
	struct stat status;

	if (stat(path, &status) == 0 && status.st_mode & S_IWOTH)
		finding_error(findings,
			      "%s: every user of this host can change it (mode "
			      "%04o): chmod o-w it",
			      path, mode_bits(&status));
}

void permissions_check_secret(const char *path, struct findings *findings)
{
	check_readers(path, findings);
	check_writers(path, findings);
}

void permissions_check(const struct addon *addon, struct findings *findings)
{
	static const char *const secret_files[] = {
		"addon-manifest.json",
		"addon_manifest.json",
		"settings.json",
	};
	struct arena *arena = findings->arena;
	const char *home = addon->home;

	for (size_t i = 0; i < COUNT(secret_files); i++)
		permissions_check_secret(
			arena_printf(arena, "%s/%s", home, secret_files[i]),
			findings);
	if (addon->client_secret_file)
		permissions_check_secret(addon->client_secret_file, findings);
	/* listener_open() has checked a home with code more strictly. */
	if (addon->listener == ADDON_TEMPLATE)
		check_writers(home, findings);
	check_writers(arena_printf(arena, "%s/template.json", home), findings);
}
