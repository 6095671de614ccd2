/*
 * keys.c - provisor keys: the keys that seal what is secret.
 *
 * A new one comes in four steps, while the pools go on: add, use, reseal, drop
 * the old one.  A request or job holds on to the keys it began with, so a step
 * that counts on the one before waits until those have ended.
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
#include "lib/crypto/sealing_keys.h"
#include "lib/db/db.h"
#include "lib/base/findings.h"
#include "lib/crypto/keys_file.h"
#include "lib/provider/provider.h"
#include "lib/store/reseal.h"
#include "lib/crypto/random.h"
#include "lib/crypto/sealing.h"

/* ---- what the commands share ---- */

static bool is_sound(const struct cli *cli)
{
	struct sealing_keys *keys = cli_open_keys(cli);

	sealing_keys_close(keys);
	return keys;
}

static int fail_with_file(const struct cli *cli, const char *what)
{
	return cli_fail("%s: cannot be %s: %s", cli->settings.keys, what,
			strerror(errno));
}

static struct keys_file *open_file(const struct cli *cli, uid_t user)
{
	struct keys_file *file = keys_file_open(cli->settings.keys, user);

	if (!file)
		fail_with_file(cli, "read");
	return file;
}

static int refuse_unknown(const struct cli *cli, const char *id)
{
	return cli_fail("%s: there is no key \"%s\"", cli->settings.keys, id);
}

/* What may be under way on this host, and how many milliseconds for; NULL:
 * nothing.  Where the pools cannot be seen, all may be. */
static const char *under_way(const struct cli *cli, int64_t *longest)
{
	const struct settings *settings = &cli->settings;
	bool is_dark = !pools_open(settings) && errno != ENOENT;
	int64_t job = settings->job_limit + PROVIDER_WORK_GRACE;

	*longest = settings->answer_limit;
	if (is_dark || pools_job_workers() > 0) {
		*longest = job > *longest ? job : *longest;
		return "requests and jobs";
	}
	return pools_workers() > 0 ? "requests" : NULL;
}

/* Wait until nothing is left that began before the file was changed last. */
static void let_work_end(const struct cli *cli, const struct keys_file *file)
{
	int64_t longest;
	const char *work = under_way(cli, &longest);
	int64_t left = longest - keys_file_age(file);
	struct timespec pause = {
		.tv_sec = (time_t)(left / 1000),
		.tv_nsec = (long)(left % 1000) * 1000000,
	};

	if (!work || left <= 0)
		return;
	if (isatty(STDERR_FILENO))
		fprintf(stderr,
			"waiting %d s for %s that began before the keys were "
			"changed last\n",
			(int)(left / 1000) + 1, work);
	while (nanosleep(&pause, &pause) != 0 && errno == EINTR)
		;
}

/* ---- add ---- */

/* The date, and where that has been used, -2, -3, … behind it. */
static const char *new_id(struct arena *arena, const struct keys_file *file)
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

static int add(const struct cli *cli, struct keys_file *file, const char *id)
{
	if (!id)
		id = new_id(cli->arena, file);
	if (!sealing_keys_is_id(id))
		return cli_fail("\"%s\" cannot be a key's id: use 1 to 32 "
				"letters, digits, - or _",
				id);
	if (keys_file_find(file, id) >= 0)
		return cli_fail("%s: there is a key \"%s\" already",
				cli->settings.keys, id);
	if (keys_file_count(file) == SEALING_MOST_KEYS)
		return cli_fail("%s: holds %d keys, which is as many as there "
				"may be: drop one",
				cli->settings.keys, SEALING_MOST_KEYS);
	keys_file_add(file, id, random_key(cli->arena, SEALING_KEY_SIZE));
	if (!keys_file_write(file))
		return fail_with_file(cli, "written");
	if (keys_file_count(file) == 1)
		printf("%s added, and seals.  Keep a copy of %s: without it "
		       "what is sealed is lost.\n",
		       id, cli->settings.keys);
	else
		printf("%s added; it seals after: provisor keys use %s\n", id,
		       id);
	return CLI_OK;
}

static bool is_missing(const struct cli *cli)
{
	return access(cli->settings.keys, F_OK) != 0 && errno == ENOENT;
}

int cli_keys_add(const struct cli *cli)
{
	struct keys_file *file;
	uid_t user = geteuid();
	int status;

	if (!is_missing(cli) && !is_sound(cli))
		return CLI_FAILED;
	if (user == 0)
		user = pools_user(&cli->settings);
	file = open_file(cli, user);
	if (!file)
		return CLI_FAILED;
	status = add(cli, file, cli->count > 0 ? cli->words[0] : NULL);
	keys_file_close(file);
	return status;
}

/* ---- use ---- */

static int use(const struct cli *cli, struct keys_file *file, const char *id)
{
	int before = keys_file_find(file, id);

	if (before < 0)
		return refuse_unknown(cli, id);
	if (before > 0) {
		let_work_end(cli, file);
		keys_file_use(file, id);
		if (!keys_file_write(file))
			return fail_with_file(cli, "written");
	}
	printf("%s seals from now on; what other keys have sealed is sealed "
	       "anew by: provisor keys reseal\n",
	       id);
	return CLI_OK;
}

typedef int change_fn(const struct cli *cli, struct keys_file *file,
		      const char *id);

static int change_file(const struct cli *cli, change_fn *change)
{
	struct keys_file *file;
	int status;

	if (!is_sound(cli))
		return CLI_FAILED;
	file = open_file(cli, (uid_t)-1);
	if (!file)
		return CLI_FAILED;
	status = change(cli, file, cli->words[0]);
	keys_file_close(file);
	return status;
}

int cli_keys_use(const struct cli *cli)
{
	return change_file(cli, use);
}

/* ---- drop ---- */

/* False: they do, or it could not be told. */
static bool no_row_needs(const struct cli *cli, const char *id)
{
	struct db *db = db_open(cli->settings.database);
	struct reseal_use *uses;
	int64_t count = 0;
	bool is_known = reseal_count(db, cli->arena, &uses) == OUTCOME_OK;

	if (!is_known)
		cli_fail("%s stays: whether the database needs it could not be "
			 "told: %s",
			 id, db_failure(db));
	else
		count = reseal_uses_of(uses, id);
	if (count > 0)
		cli_fail("%s stays: %" PRId64 " values are sealed with it; run "
			 "provisor keys reseal",
			 id, count);
	db_close(db);
	return is_known && count == 0;
}

static int drop(const struct cli *cli, struct keys_file *file, const char *id)
{
	int before = keys_file_find(file, id);

	if (before < 0)
		return refuse_unknown(cli, id);
	if (keys_file_count(file) == 1)
		return cli_fail("%s stays: it is the only key", id);
	if (before == 0)
		return cli_fail("%s stays: it is the one that seals; run "
				"provisor keys use with another",
				id);
	let_work_end(cli, file);
	if (!no_row_needs(cli, id))
		return CLI_FAILED;
	keys_file_drop(file, id);
	if (!keys_file_write(file))
		return fail_with_file(cli, "written");
	printf("%s dropped\n", id);
	return CLI_OK;
}

int cli_keys_drop(const struct cli *cli)
{
	return change_file(cli, drop);
}

/* ---- reseal ---- */

static void show_progress(const struct reseal_progress *progress)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%" PRId64 " values sealed anew",
			progress->resealed);
}

static int tell(const struct reseal_progress *progress, enum outcome outcome,
		const char *failure)
{
	if (isatty(STDERR_FILENO))
		fputc('\n', stderr);
	printf("%" PRId64 " values sealed anew\n", progress->resealed);
	if (outcome != OUTCOME_OK)
		return cli_fail("there may be more: %s; run it again", failure);
	if (progress->unopened > 0)
		return cli_fail("%" PRId64 " values do not open, as the lines "
				"above say: bring back the keys they were "
				"sealed with",
				progress->unopened);
	return CLI_OK;
}

static bool wait_for_work(const struct cli *cli)
{
	struct keys_file *file = open_file(cli, (uid_t)-1);

	if (file)
		let_work_end(cli, file);
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

	if (!wait_for_work(cli) || !(keys = cli_open_keys(cli)))
		return CLI_FAILED;
	db = db_open(cli->settings.database);
	outcome = reseal_renew(db, keys, show_progress, &progress);
	status = tell(&progress, outcome, db_failure(db));
	db_close(db);
	sealing_keys_close(keys);
	return status;
}
