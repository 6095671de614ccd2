/*
 * keys.c - provisor keys add, use, reseal and drop.
 *
 * These four commands, in this order, replace the sealing key while the pools
 * run.  A request or job uses the keys that it began with, so a step that
 * relies on the previous step waits until such work has ended.
 */
#include "cgi/cli/commands.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/pools.h"
#include "lib/base/arena.h"
#include "lib/crypto/keys_file.h"
#include "lib/crypto/random.h"
#include "lib/crypto/sealing.h"
#include "lib/crypto/sealing_keys.h"
#include "lib/db/db.h"
#include "lib/provider/provider.h"
#include "lib/store/key_fingerprint.h"
#include "lib/store/reseal.h"

/* ---- the keys file ---- */

static bool is_keys_file_valid(const struct cli *cli)
{
	struct sealing_keys *keys = cli_open_keys(cli);

	sealing_keys_close(keys);
	return keys;
}

static int fail_with_file(const struct cli *cli, const char *what)
{
	return cli_fail("%s: cannot be %s (%s): run this as root or as the "
			"file's owner",
			cli->settings.keys, what, strerror(errno));
}

static struct keys_file *open_keys_file(const struct cli *cli, uid_t user)
{
	struct keys_file *file = keys_file_open(cli->settings.keys, user);

	if (!file)
		fail_with_file(cli, "read");
	return file;
}

static int refuse_unknown_key(const struct cli *cli, const char *id)
{
	return cli_fail(
		"%s: has no key \"%s\": write the text before the colon in "
		"one of its lines",
		cli->settings.keys, id);
}

/* ---- waiting ---- */

/*
 * Return the kinds of work that may be in progress on this host, or NULL if
 * there is none.  Set *limit to the milliseconds that they can take.  If the
 * metrics file cannot be read, assume requests and jobs.
 */
static const char *find_work(const struct cli *cli, int64_t *limit)
{
	const struct settings *settings = &cli->settings;
	bool is_unknown = !pools_open(settings) && errno != ENOENT;
	int64_t job_limit = settings->job_limit + PROVIDER_JOB_GRACE;

	*limit = settings->answer_limit;
	if (is_unknown || pools_count(METRICS_JOBS) > 0) {
		*limit = job_limit > *limit ? job_limit : *limit;
		return "requests and jobs";
	}
	return pools_count(METRICS_WORKER) > 0 ? "requests" : NULL;
}

/* Wait until the work that began before the file's last change has ended. */
static void wait_for_work(const struct cli *cli, const struct keys_file *file)
{
	int64_t limit;
	const char *work = find_work(cli, &limit);
	int64_t left = limit - keys_file_age(file);
	struct timespec pause = {
		.tv_sec = (time_t)(left / 1000),
		.tv_nsec = (long)(left % 1000) * 1000000,
	};

	if (!work || left <= 0)
		return;
	if (isatty(STDERR_FILENO))
		fprintf(stderr,
			"waiting %d s for %s that began before the last change "
			"of the keys file\n",
			(int)(left / 1000) + 1, work);
	while (nanosleep(&pause, &pause) != 0 && errno == EINTR)
		;
}

/* ---- add ---- */

/* Return the date, followed by -2, -3, ... if a key in the file already has
 * this id. */
static const char *new_key_id(struct arena *arena, const struct keys_file *file)
{
	time_t now = time(NULL);
	char date[sizeof "k20260101"];
	struct tm utc;
	const char *id;

	strftime(date, sizeof date, "k%Y%m%d", gmtime_r(&now, &utc));
	id = arena_strdup(arena, date);
	for (int i = 2; keys_file_find(file, id) >= 0; i++)
		id = arena_printf(arena, "%s-%d", date, i);
	return id;
}

static int add_key(const struct cli *cli, struct keys_file *file,
		   const char *id)
{
	const char *path = cli->settings.keys;

	if (!id)
		id = new_key_id(cli->arena, file);
	if (!sealing_keys_is_id(id))
		return cli_fail("\"%s\" is not a valid key id: write 1 to 32 "
				"letters, digits, - or _",
				id);
	if (keys_file_find(file, id) >= 0)
		return cli_fail("%s: has a key \"%s\" already: write another "
				"id",
				path, id);
	if (keys_file_count(file) == SEALING_MOST_KEYS)
		return cli_fail("%s: has %d keys, which is the maximum: drop "
				"one",
				path, SEALING_MOST_KEYS);
	keys_file_add(file, id, random_key(cli->arena, SEALING_KEY_SIZE));
	if (!keys_file_write(file))
		return fail_with_file(cli, "written");
	if (keys_file_count(file) == 1)
		printf("%s added; it seals.  Keep a copy of %s: without it, "
		       "sealed values are lost.\n",
		       id, path);
	else
		printf("%s added.  To seal with it: provisor keys use %s\n", id,
		       id);
	return CLI_OK;
}

static bool is_keys_file_missing(const struct cli *cli)
{
	return access(cli->settings.keys, F_OK) != 0 && errno == ENOENT;
}

int cli_keys_add(const struct cli *cli)
{
	struct keys_file *file;
	uid_t user = geteuid();
	int status;

	if (!is_keys_file_missing(cli) && !is_keys_file_valid(cli))
		return CLI_FAILED;
	if (user == 0)
		user = pools_user(&cli->settings);
	file = open_keys_file(cli, user);
	if (!file)
		return CLI_FAILED;
	status = add_key(cli, file, cli->count > 0 ? cli->words[0] : NULL);
	keys_file_close(file);
	return status;
}

/* ---- use and drop ---- */

static int use_key(const struct cli *cli, struct keys_file *file,
		   const char *id)
{
	int before = keys_file_find(file, id);

	if (before < 0)
		return refuse_unknown_key(cli, id);
	if (before > 0) {
		wait_for_work(cli, file);
		keys_file_use(file, id);
		if (!keys_file_write(file))
			return fail_with_file(cli, "written");
	}
	printf("%s seals from now on.  To seal older values with it, too: "
	       "provisor keys reseal\n",
	       id);
	return CLI_OK;
}

/* Return true if no value in the database needs the key.  Otherwise return
 * false after printing why the key must stay. */
static bool is_unneeded(const struct cli *cli, const char *id)
{
	struct db *db = db_open(cli->settings.database);
	struct reseal_use *uses;
	int64_t count = 0;
	bool is_known = reseal_count(db, cli->arena, &uses) == OUTCOME_OK;

	if (!is_known)
		cli_fail(
			"the key \"%s\" stays: the database cannot be searched "
			"for values that need it (%s): try again later",
			id, db_failure(db));
	else
		count = reseal_uses_of(uses, id);
	if (count > 0)
		cli_fail("the key \"%s\" stays: %" PRId64
			 " values are sealed with it: run provisor keys reseal",
			 id, count);
	db_close(db);
	return is_known && count == 0;
}

/* If this fails, the id cannot be given to another key, which is safe. */
static void forget_fingerprint(const struct cli *cli, const char *id)
{
	struct db *db = db_open(cli->settings.database);

	(void)!key_fingerprint_remove(db, cli->arena, id);
	db_close(db);
}

static int drop_key(const struct cli *cli, struct keys_file *file,
		    const char *id)
{
	int before = keys_file_find(file, id);

	if (before < 0)
		return refuse_unknown_key(cli, id);
	if (keys_file_count(file) == 1)
		return cli_fail("the key \"%s\" stays: it is the only one", id);
	if (before == 0)
		return cli_fail("the key \"%s\" stays: it is the one that "
				"seals: run provisor keys use with another "
				"one first",
				id);
	wait_for_work(cli, file);
	if (!is_unneeded(cli, id))
		return CLI_FAILED;
	keys_file_drop(file, id);
	if (!keys_file_write(file))
		return fail_with_file(cli, "written");
	forget_fingerprint(cli, id);
	printf("%s dropped\n", id);
	return CLI_OK;
}

static int change_keys_file(const struct cli *cli,
			    int (*change)(const struct cli *cli,
					  struct keys_file *file,
					  const char *id))
{
	struct keys_file *file;
	int status;

	if (!is_keys_file_valid(cli))
		return CLI_FAILED;
	file = open_keys_file(cli, (uid_t)-1);
	if (!file)
		return CLI_FAILED;
	status = change(cli, file, cli->words[0]);
	keys_file_close(file);
	return status;
}

int cli_keys_use(const struct cli *cli)
{
	return change_keys_file(cli, use_key);
}

int cli_keys_drop(const struct cli *cli)
{
	return change_keys_file(cli, drop_key);
}

/* ---- reseal ---- */

static void print_progress(const struct reseal_progress *progress)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%" PRId64 " values resealed",
			progress->resealed);
}

static int print_resealed(const struct reseal_progress *progress,
			  enum outcome outcome, const char *failure)
{
	if (isatty(STDERR_FILENO))
		fputc('\n', stderr);
	printf("%" PRId64 " values resealed\n", progress->resealed);
	if (outcome != OUTCOME_OK)
		return cli_fail("some values may be left (%s): run provisor "
				"keys reseal again",
				failure);
	if (progress->unopened > 0)
		return cli_fail("%" PRId64
				" values cannot be opened; the log lines "
				"above name them: restore the keys that sealed "
				"them or, if those are lost, type provisor "
				"config rotate --replace-unreadable for each "
				"resource",
				progress->unopened);
	return CLI_OK;
}

static bool wait_to_reseal(const struct cli *cli)
{
	struct keys_file *file = open_keys_file(cli, (uid_t)-1);

	if (file)
		wait_for_work(cli, file);
	keys_file_close(file);
	return file;
}

int cli_keys_reseal(const struct cli *cli)
{
	struct reseal_progress progress;
	struct sealing_keys *keys;
	struct db *db;
	enum outcome outcome;
	int status;

	if (!wait_to_reseal(cli) || !(keys = cli_open_keys(cli)))
		return CLI_FAILED;
	db = db_open(cli->settings.database);
	outcome = reseal_renew(db, keys, print_progress, &progress);
	status = print_resealed(&progress, outcome, db_failure(db));
	db_close(db);
	sealing_keys_close(keys);
	return status;
}
