/*
 * init.c - provisor init: a new add-on's home, ready to be served.
 *
 * The home is written in a folder that nobody reads, since its name begins
 * with a dot, and gets its place when it is complete.  What fails leaves
 * nothing behind.
 */
#include "cgi/cli/commands.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/init_advice.h"
#include "cgi/cli/init_files.h"
#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/dialect/dialect.h"
#include "lib/listener/code_owner.h"
#include "lib/listener/listener.h"
#include "lib/provider/provider.h"
#include "lib/text/url.h"

enum { LONGEST_SLUG = 64 };

struct home {
	const char *slug;
	const char *place; /* where it belongs */
	const char *now;   /* where it is; NULL: nowhere yet */
};

struct init {
	const struct cli *cli;
	struct arena *arena;
	const struct dialect *dialect;
	const char *url;
	enum addon_listener listener;
	const char *folder; /* of the marketplace */
	bool made_folder;
	uid_t user; /* who the files shall belong to */
	gid_t group;
	int count;
	struct home homes[2];
};

static const struct {
	const char *name;
	enum addon_listener kind;
} kinds[] = {
	{ "template", ADDON_TEMPLATE },
	{ "exec", ADDON_EXEC },
	{ "so", ADDON_SO },
};

/* ---- reading the command line ---- */

/* The marketplace's newest dialect, or NULL. */
static const struct dialect *newest_dialect(const char *marketplace)
{
	const struct dialect *newest = NULL;

	for (int i = 0; dialects[i]; i++)
		if (strcmp(dialects[i]->marketplace, marketplace) == 0
		    && (!newest
			|| strcmp(dialects[i]->version, newest->version) > 0))
			newest = dialects[i];
	return newest;
}

static bool is_slug(const char *text)
{
	size_t length = strlen(text);

	return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length
		&& length > 0 && length <= LONGEST_SLUG
		&& isalpha((unsigned char)text[0]) && text[length - 1] != '-';
}

/* The host is a name or an IPv4 address. */
static bool is_base_url(struct arena *arena, const char *text)
{
	const struct url url = url_read(arena, text, URL_BARE);

	return !url.fault && isalnum((unsigned char)url.host[0])
		&& !strchr(text, '%');
}

/* Without the slashes that would stand twice in what is appended. */
static const char *trim_url(struct arena *arena, const char *url)
{
	size_t length = strlen(url);

	while (length > 0 && url[length - 1] == '/')
		length--;
	return arena_strndup(arena, url, length);
}

static void add_home(struct init *init, const char *slug)
{
	init->homes[init->count++] = (struct home){
		.slug = slug,
		.place = arena_printf(init->arena, "%s/%s", init->folder, slug),
	};
}

static int refuse(const char *what, const char *form)
{
	cli_fail("\"%s\": write %s", what, form);
	return CLI_USAGE;
}

static bool find_kind(const char *name, enum addon_listener *kind)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (strcmp(kinds[i].name, name) != 0)
			continue;
		*kind = kinds[i].kind;
		return true;
	}
	return false;
}

static int read_arguments(struct init *init)
{
	const struct cli *cli = init->cli;
	const char *marketplace = cli->words[0], *slug = cli->words[1];
	const char *url = cli_option(cli, OPTION_URL);
	const char *kind = cli_option(cli, OPTION_LISTENER);
	const char *staging = arena_printf(init->arena, "%s-staging", slug);
	bool has_staging = cli_has(cli, OPTION_STAGING);

	init->dialect = newest_dialect(marketplace);
	if (!init->dialect)
		return refuse(marketplace,
			      "a marketplace that provisor knows, "
			      "such as heroku");
	if (!is_slug(slug) || (has_staging && !is_slug(staging)))
		return refuse(slug,
			      "a slug of at most 64 lower-case letters, "
			      "digits and dashes, a letter first");
	if (url && !is_base_url(init->arena, url))
		return refuse(url, "a URL such as https://fast-db.example.com");
	if (!find_kind(kind, &init->listener))
		return refuse(kind, "template, exec or so");
	init->url = url
		? trim_url(init->arena, url)
		: arena_printf(init->arena, "https://%s.example.com", slug);
	init->folder = arena_printf(init->arena, "%s/%s", cli->settings.addons,
				    marketplace);
	add_home(init, slug);
	if (has_staging)
		add_home(init, staging);
	return CLI_OK;
}

/* ---- writing ---- */

static bool fail_at(const char *path)
{
	cli_fail("%s: %s; nothing is left there", path, strerror(errno));
	return false;
}

/* The pools' user owns the folder of all homes, or, where that is root's, the
 * keys file, which nobody else may read. */
static bool find_owner(struct init *init)
{
	const struct settings *settings = &init->cli->settings;
	struct stat status;

	if (stat(settings->addons, &status) != 0) {
		cli_fail("%s: %s; PROVISOR_ADDONS names the folder of the "
			 "homes",
			 settings->addons, strerror(errno));
		return false;
	}
	if (status.st_uid == 0)
		stat(settings->keys, &status); /* which leaves it, on failure */
	init->user = status.st_uid;
	init->group = status.st_gid;
	return true;
}

/* Only root can give away. */
static bool hand_over(const struct init *init, int file)
{
	return geteuid() != 0 || fchown(file, init->user, init->group) == 0;
}

static bool write_file(const struct init *init, int folder,
		       const struct init_files_file *wanted, const char *text)
{
	int file = openat(folder, wanted->name,
			  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			  wanted->mode);
	bool done = file >= 0
		&& write(file, text, strlen(text)) == (ssize_t)strlen(text)
		&& hand_over(init, file) && fsync(file) == 0;

	if (file >= 0 && close(file) != 0)
		done = false;
	return done;
}

static int open_folder(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool is_wanted(const struct init *init,
		      const struct init_files_file *file)
{
	return file->kind == ADDON_NO_LISTENER || file->kind == init->listener;
}

static bool make_hooks(const struct init *init, int folder)
{
	int hooks;
	bool done;

	if (init->listener != ADDON_EXEC)
		return true;
	if (mkdirat(folder, "hooks", S_IRWXU) != 0)
		return false;
	hooks = openat(folder, "hooks", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	done = hooks >= 0 && hand_over(init, hooks);
	if (hooks >= 0)
		close(hooks);
	return done;
}

static bool write_draft(struct init *init, struct home *home)
{
	const struct init_files what = { init->dialect, init->url, home->slug };
	const struct init_files_file *file;
	char *draft = arena_printf(init->arena, "%s/.%s.XXXXXX", init->folder,
				   home->slug);
	bool done;
	int folder;

	home->now = mkdtemp(draft);
	if (!home->now)
		return fail_at(init->folder);
	folder = open_folder(draft);
	done = folder >= 0 && make_hooks(init, folder);
	for (file = new_home_files; done && file->name; file++)
		if (is_wanted(init, file))
			done = write_file(init, folder, file,
					  file->text(init->arena, &what));
	done = done && hand_over(init, folder);
	if (!done)
		fail_at(home->place);
	if (folder >= 0)
		close(folder);
	return done;
}

static bool refuse_existing(const struct home *home)
{
	cli_fail("%s is there already, and stays as it is: give another slug",
		 home->place);
	return false;
}

/* Not every file system can refuse to replace; those replace an empty folder
 * at most. */
static bool place(struct home *home)
{
	bool done = renameat2(AT_FDCWD, home->now, AT_FDCWD, home->place,
			      RENAME_NOREPLACE)
		== 0;

	if (!done && errno == EINVAL)
		done = rename(home->now, home->place) == 0;
	if (!done && (errno == EEXIST || errno == ENOTEMPTY))
		return refuse_existing(home);
	if (!done)
		return fail_at(home->place);
	home->now = home->place;
	return true;
}

static bool make_folder(struct init *init)
{
	int folder;
	bool done;

	if (mkdir(init->folder, S_IRWXU | S_IRGRP | S_IXGRP | S_IROTH | S_IXOTH)
	    != 0)
		return errno == EEXIST || fail_at(init->folder);
	init->made_folder = true;
	folder = open_folder(init->folder);
	done = folder >= 0 && hand_over(init, folder);
	if (!done)
		fail_at(init->folder);
	if (folder >= 0)
		close(folder);
	return done;
}

static void undo(struct init *init)
{
	const struct init_files_file *file;

	for (int i = 0; i < init->count; i++) {
		const char *home = init->homes[i].now;

		if (!home)
			continue;
		for (file = new_home_files; file->name; file++)
			unlink(arena_printf(init->arena, "%s/%s", home,
					    file->name));
		rmdir(arena_printf(init->arena, "%s/hooks", home));
		rmdir(home);
	}
	if (init->made_folder)
		rmdir(init->folder);
}

/* ---- judging what was written ---- */

static bool is_valid(const struct addons *addons, const struct home *home)
{
	for (int i = 0; i < addons->count; i++)
		if (strcmp(addons->list[i]->home, home->place) == 0)
			return addons->list[i]->is_valid;
	return false;
}

/* Are the homes valid beside those that were there?  One whose listener is yet
 * to be built cannot be. */
static bool check(const struct init *init)
{
	struct addons *addons =
		addons_open(init->cli->settings.addons, listener_open, NULL);
	bool are_valid = true;

	for (int i = 0; i < init->count; i++)
		are_valid = are_valid && is_valid(addons, &init->homes[i]);
	if (!are_valid)
		cli_print_findings(&addons->findings);
	addons_close(addons);
	return are_valid;
}

static bool write_homes(struct init *init)
{
	struct stat status;

	for (int i = 0; i < init->count; i++)
		if (lstat(init->homes[i].place, &status) == 0)
			return refuse_existing(&init->homes[i]);
	if (!find_owner(init) || !make_folder(init))
		return false;
	code_owner_set(init->user);
	for (int i = 0; i < init->count; i++)
		if (!write_draft(init, &init->homes[i]))
			return false;
	for (int i = 0; i < init->count; i++)
		if (!place(&init->homes[i]))
			return false;
	return init->listener == ADDON_SO || check(init);
}

/* ---- all of it ---- */

int cli_init(const struct cli *cli)
{
	struct init init = { .cli = cli, .arena = cli->arena };
	int status = read_arguments(&init);

	if (status != CLI_OK)
		return status;
	if (!write_homes(&init)) {
		undo(&init);
		return CLI_FAILED;
	}
	for (int i = 0; i < init.count; i++)
		printf("%s\n", init.homes[i].place);
	init_advise(&(struct init_advice){
		.marketplace = init.dialect->marketplace,
		.home = init.homes[0].place,
		.host = cli_option(cli, OPTION_URL)
			? NULL
			: init.url + strlen("https://"),
		.listener = init.listener,
	});
	return CLI_OK;
}
