/*
 * init.c - provisor init: creates the homes of a new add-on.
 *
 * If a step fails, everything that was written is removed.
 */
#include "cgi/cli/commands.h"

#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/init_address.h"
#include "cgi/cli/init_home.h"
#include "cgi/cli/pools.h"
#include "cgi/cli/wrap.h"
#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/dialect/dialect.h"
#include "lib/listener/code_owner.h"
#include "lib/listener/listener.h"

enum { LONGEST_SLUG = 64, MOST_HOMES = 2 };

struct init {
	const struct cli *cli;
	struct arena *arena;
	const struct dialect *dialect;
	enum addon_listener listener;
	struct init_folder folder; /* of the marketplace */
	int count;
	struct init_home homes[MOST_HOMES];
	struct init_address addresses[MOST_HOMES];
};

/* ---- arguments ---- */

/* Return the newest dialect of a marketplace, or NULL. */
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

static const char *list_versions(struct arena *arena, const char *marketplace)
{
	const char *list = "";

	for (int i = 0; dialects[i]; i++)
		if (strcmp(dialects[i]->marketplace, marketplace) == 0)
			list = arena_printf(arena, "%s%s%s", list,
					    *list ? " or " : "",
					    dialects[i]->version);
	return list;
}

/* The table of dialects keeps those of a marketplace together. */
static bool is_slug(const char *text)
{
	size_t length = strlen(text);

	return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length
		&& length > 0 && length <= LONGEST_SLUG
		&& isalpha((unsigned char)text[0]) && text[length - 1] != '-';
}

static bool find_listener_kind(const char *name, enum addon_listener *listener)
{
	static const struct {
		const char *name;
		enum addon_listener listener;
	} listeners[] = {
		{ "template", ADDON_TEMPLATE },
		{ "exec", ADDON_EXEC },
		{ "so", ADDON_SO },
	};

	for (size_t i = 0; i < COUNT(listeners); i++) {
		if (strcmp(listeners[i].name, name) != 0)
			continue;
		*listener = listeners[i].listener;
		return true;
	}
	return false;
}

static void add_home(struct init *init, const char *slug)
{
	const char *url = init->addresses[init->count].url;

	init->homes[init->count++] = (struct init_home){
		.arena = init->arena,
		.folder = &init->folder,
		.path = arena_printf(init->arena, "%s/%s", init->folder.path,
				     slug),
		.names = { init->dialect, url, slug },
		.listener = init->listener,
		.readers = (gid_t)-1,
	};
}

static bool read_dialect(struct init *init)
{
	const char *marketplace = init->cli->words[0];
	const char *version = cli_option(init->cli, OPTION_VERSION);
	const struct dialect *newest = newest_dialect(marketplace);

	init->dialect = version ? dialect_find(marketplace, version) : newest;
	if (init->dialect)
		return true;
	if (newest)
		cli_refuse("option --version: %s has no version \"%s\": write "
			   "%s",
			   marketplace, version,
			   list_versions(init->arena, marketplace));
	else
		cli_refuse("\"%s\" is not a known marketplace: write %s",
			   marketplace, dialect_marketplaces(init->arena));
	return false;
}

static bool wants_staging(const struct cli *cli)
{
	return cli_has(cli, OPTION_STAGING)
		|| cli_option(cli, OPTION_STAGING_URL);
}

static int read_homes(struct init *init)
{
	const struct cli *cli = init->cli;
	const char *slug = cli->words[1];
	const char *staging = arena_printf(init->arena, "%s-staging", slug);
	bool has_staging = wants_staging(cli);
	struct init_address *addresses = init->addresses;

	if (!is_slug(slug) || (has_staging && !is_slug(staging)))
		return cli_refuse("\"%s\" is not a valid slug: write a letter "
				  "and up to 63 letters, digits and dashes, "
				  "all in lower case",
				  has_staging ? staging : slug);
	if (!init_address_read(cli, slug, &addresses[0])
	    || (has_staging
		&& !init_address_read_staging(cli, staging, &addresses[0],
					      &addresses[1])))
		return CLI_USAGE;
	add_home(init, slug);
	if (has_staging)
		add_home(init, staging);
	return CLI_OK;
}

static int read_init(struct init *init)
{
	const struct cli *cli = init->cli;
	const char *listener = cli_option(cli, OPTION_LISTENER);

	if (!read_dialect(init))
		return CLI_USAGE;
	if (!find_listener_kind(listener, &init->listener))
		return cli_refuse("option --listener: \"%s\" is not valid: "
				  "write template, exec or so",
				  listener);
	init->folder.path =
		arena_printf(init->arena, "%s/%s", cli->settings.addons,
			     init->dialect->marketplace);
	return read_homes(init);
}

/* ---- writing ---- */

/* Find the pools' user: the owner of the folder of all homes.  If that is root,
 * it is the owner of the keys file, which only its owner can read; before there
 * are keys, it is the user whom the package creates.  Without that user, only
 * root could read the homes. */
static bool find_pools_user(const struct cli *cli, uid_t *user)
{
	const struct settings *settings = &cli->settings;
	struct stat status;

	if (stat(settings->addons, &status) != 0) {
		cli_fail("%s: cannot be read (%s): create this folder, or "
			 "correct PROVISOR_ADDONS",
			 settings->addons, strerror(errno));
		return false;
	}
	if (status.st_uid != 0 || stat(settings->keys, &status) == 0)
		*user = status.st_uid;
	else
		*user = pools_user(settings);
	if (*user != 0 || access(settings->keys, F_OK) == 0)
		return true;
	cli_fail(
		"init: there are no keys and no user of the pools yet, so only "
		"root could read the home: create both first, as in "
		"provisor-operate(7), FROM SOURCE");
	return false;
}

/* Return the group that may read what root creates, or -1 if the pools run as
 * the user of this process. */
static gid_t find_readers(uid_t user)
{
	const struct passwd *entry = getpwuid(user);

	return geteuid() == 0 && user != 0 && entry ? entry->pw_gid : (gid_t)-1;
}

/* Return true if only this user and root can write the folder of all homes. */
static bool is_folder_ours(const struct cli *cli)
{
	struct stat status;

	return stat(cli->settings.addons, &status) == 0
		&& (status.st_uid == geteuid() || status.st_uid == 0)
		&& !(status.st_mode & (S_IWGRP | S_IWOTH));
}

static bool are_valid(const struct init *init, const struct addons *addons)
{
	int valid = 0;

	for (int i = 0; i < init->count; i++)
		for (int j = 0; j < addons->count; j++)
			valid += addons->list[j]->is_valid
				&& strcmp(addons->list[j]->home,
					  init->homes[i].path)
					== 0;
	return valid == init->count;
}

/* Check the new homes together with those that existed before. */
static bool check_homes_written(const struct init *init)
{
	struct addons *addons =
		addons_open(init->cli->settings.addons, listener_open, NULL);
	bool is_valid = are_valid(init, addons);

	if (!is_valid)
		cli_print_findings(&addons->findings);
	addons_close(addons);
	return is_valid;
}

static bool write_new_homes(struct init *init)
{
	struct stat status;
	uid_t user;

	for (int i = 0; i < init->count; i++)
		if (lstat(init->homes[i].path, &status) == 0)
			return init_home_refuse_existing(init->homes[i].path);
	if (!find_pools_user(init->cli, &user)
	    || !init_folder_open(&init->folder, is_folder_ours(init->cli)))
		return false;
	code_owner_set(user);
	for (int i = 0; i < init->count; i++) {
		init->homes[i].readers = find_readers(user);
		if (!init_home_write(&init->homes[i]))
			return false;
	}
	for (int i = 0; i < init->count; i++)
		if (!init_home_place(&init->homes[i]))
			return false;
	/* A library has yet to be built, so its home cannot be valid. */
	return init->listener == ADDON_SO || check_homes_written(init);
}

static void close_homes(struct init *init, bool removes)
{
	for (int i = 0; i < init->count; i++)
		init_home_close(&init->homes[i], removes);
	init_folder_close(&init->folder, removes);
}

/* ---- what to do next ---- */

static void print_step(const char *text)
{
	fputs("- ", stdout);
	wrap_text(2, text);
}

static void explain_listener(const struct init *init)
{
	const char *home = init->homes[0].path;

	if (init->listener == ADDON_TEMPLATE) {
		print_step("template.json: write the config vars of a "
			   "resource, and declare them in config_vars of the "
			   "manifest");
		return;
	}
	print_step(arena_printf(
		init->arena,
		"%s: write the code that creates, changes and removes a "
		"resource, and declare its config vars in config_vars of the "
		"manifest",
		init->listener == ADDON_SO ? "listener.c" : "hooks/"));
	if (init->listener == ADDON_SO) {
		print_step("build the library; until then the home is not "
			   "valid:");
		printf("  cd %s && cc -Wall -Wextra -O2 -shared -fPIC "
		       "-o listener.so listener.c\n",
		       home);
	}
	printf("- provisor hook test %s provision\n", home);
}

static void explain_next_steps(const struct init *init)
{
	for (int i = 0; i < init->count; i++)
		puts(init->homes[i].path);
	puts("\nNext steps:");
	for (int i = 0; i < init->count; i++)
		if (init->addresses[i].is_sample && !init->dialect->is_direct)
			print_step(arena_printf(
				init->arena,
				"%s/addon-manifest.json: replace %s with the "
				"name of your host",
				init->homes[i].names.slug,
				init->addresses[i].url + strlen("https://")));
	explain_listener(init);
	print_step("settings.json: add what you need, such as \"plans\", "
		   "\"keep\" or \"pending_message\"; provisor-addon(5) "
		   "describes its members");
	if (init->dialect->manifest->next_step)
		print_step(init->dialect->manifest->next_step);
	print_step("provisor addons list: check that the home is still valid; "
		   "the pools use it without a restart");
}

int cli_init(const struct cli *cli)
{
	struct init init = {
		.cli = cli,
		.arena = cli->arena,
		.folder.descriptor = -1,
	};
	int status = read_init(&init);
	bool is_written;

	if (status != CLI_OK)
		return status;
	is_written = write_new_homes(&init);
	close_homes(&init, !is_written);
	if (!is_written)
		return CLI_FAILED;
	explain_next_steps(&init);
	return CLI_OK;
}
