#include "cgi/cli/manifest_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/manifest_path.h"
#include "cgi/cli/manifest_remote.h"
#include "lib/addon/home_file.h"
#include "lib/base/arena.h"
#include "lib/base/file_replace.h"
#include "lib/base/findings.h"
#include "lib/dialect/dialect.h"
#include "lib/text/json.h"
#include "lib/text/json_layout.h"

/* ---- reading ---- */

static const char *folder_of_file(struct arena *arena, const char *path)
{
	return dirname(arena_strdup(arena, path));
}

static bool is_file_missing(const char *path)
{
	struct stat status;

	return lstat(path, &status) != 0 && errno == ENOENT;
}

int manifest_file_read(const struct cli *cli, struct manifest_file *file)
{
	struct findings findings = { .arena = cli->arena };
	const struct dialect *dialect = manifest_remote_dialect();
	struct home_file read;
	int status = manifest_path_find(cli, cli_option(cli, OPTION_MANIFEST),
					dialect->marketplace, &file->path);

	if (status != CLI_OK || is_file_missing(file->path))
		return status;
	read = home_file_read(cli->arena, file->path, &findings);
	cli_print_findings(&findings);
	file->text = read.text;
	file->document = read.document;
	file->id = json_text(json_member(read.document, dialect->manifest->id));
	return findings.errors == 0 ? CLI_OK : CLI_FAILED;
}

/* ---- replacing ---- */

static int fail_to_replace(const char *path)
{
	return cli_fail("%s: cannot be replaced (%s): run this as a user who "
			"may write its folder",
			path, strerror(errno));
}

int manifest_file_check_place(const struct cli *cli,
			      const struct manifest_file *file)
{
	struct stat status;

	if (lstat(file->path, &status) == 0 && !S_ISREG(status.st_mode))
		return cli_fail("%s: is not a regular file, and a link could "
				"be another user's: name the file itself with "
				"--manifest",
				file->path);
	if (access(folder_of_file(cli->arena, file->path), W_OK) != 0)
		return fail_to_replace(file->path);
	return CLI_OK;
}

/* Return true if an editor has not changed the file meanwhile. */
static bool is_file_unchanged(const struct cli *cli,
			      const struct manifest_file *file)
{
	struct findings findings = { .arena = cli->arena };
	struct home_file now;

	if (!file->text)
		return is_file_missing(file->path);
	now = home_file_read(cli->arena, file->path, &findings);
	return now.text && strcmp(now.text, file->text) == 0;
}

/* Return what the file has, or what a new one gets. */
static struct stat find_owner_and_mode(int folder, const char *name)
{
	struct stat status;

	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0
	    || !S_ISREG(status.st_mode))
		status = (struct stat){
			.st_mode = 0600,
			.st_uid = (uid_t)-1,
			.st_gid = (gid_t)-1,
		};
	return status;
}

static bool replace_in_folder(const struct cli *cli, const char *path,
			      const char *text)
{
	const char *name = basename(arena_strdup(cli->arena, path));
	int folder = open(folder_of_file(cli->arena, path),
			  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat like;
	bool is_replaced;

	if (folder < 0)
		return false;
	like = find_owner_and_mode(folder, name);
	is_replaced = file_replace(folder, name, text, strlen(text), &like);
	close(folder);
	return is_replaced;
}

int manifest_file_replace(const struct cli *cli,
			  const struct manifest_file *file,
			  const struct json *manifest)
{
	const char *text =
		json_layout(cli->arena, json_print(cli->arena, manifest));

	if (!is_file_unchanged(cli, file))
		return cli_fail("%s: has changed meanwhile and stays as it is: "
				"compare it with provisor manifest diff",
				file->path);
	return replace_in_folder(cli, file->path, text)
		? CLI_OK
		: fail_to_replace(file->path);
}
