#include "lib/settings/settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/findings.h"
#include "lib/settings/environment_file.h"
#include "lib/text/number.h"
#include "lib/text/url.h"

#define MEMBER(name) offsetof(struct settings, name)

enum { MOST_WORKERS = 999 };

/* Each function reads a value into a member of struct settings. */

static bool read_any_text(struct arena *arena, const char *text, void *member)
{
	(void)arena;
	*(const char **)member = text;
	return true;
}

static bool read_duration(struct arena *arena, const char *text, void *member)
{
	(void)arena;
	return number_read_duration(text, member);
}

static bool read_worker_count(struct arena *arena, const char *text,
			      void *member)
{
	(void)arena;
	*(int *)member = 0;
	return !*text || number_read_int(text, 1, MOST_WORKERS, member);
}

static bool read_log_level(struct arena *arena, const char *text, void *member)
{
	(void)arena;
	return log_level_named(text, member);
}

static bool read_base_url(struct arena *arena, const char *text, void *member)
{
	return !url_read(arena, text, URL_BARE).fault
		&& read_any_text(arena, text, member);
}

static bool read_log_target(struct arena *arena, const char *text, void *member)
{
	if (text[0] != '/' && strcmp(text, "stderr") != 0
	    && strcmp(text, "syslog") != 0 && strcmp(text, "") != 0)
		return false;
	return read_any_text(arena, text, member);
}

#define PLAIN_URL                                                              \
	"https:// and a host, perhaps a port and a path, but no user, "        \
	"password, query or fragment"

/* clang-format off */
static const struct setting {
	const char *name;
	size_t member; /* offset in struct settings */
	bool (*read)(struct arena *arena, const char *text, void *member);
	const char *fallback;
	const char *form;    /* of a valid value, for the remedy */
	const char *meaning; /* sentences for help and manual */
} settings_table[] = {
	{ "PROVISOR_DATABASE", MEMBER(database), read_any_text, "", "",
	  "The database, as a libpq connection string or URI. If empty, PGHOST and similar variables or a service file apply." },
	{ "PROVISOR_DATABASE_DIRECT", MEMBER(database_direct), read_any_text, "", "",
	  "The same database without a connection pooler, for provisor-jobs and provisor migrate. If empty, PROVISOR_DATABASE applies." },
	{ "PROVISOR_ADDONS", MEMBER(addons), read_any_text, "/etc/provisor/addons", "",
	  "The folder of the add-ons' homes. Each home is a subfolder MARKETPLACE/ADDON." },
	{ "PROVISOR_KEYS", MEMBER(keys), read_any_text, "/etc/provisor/keys", "",
	  "The file with the keys that seal secrets in the database." },
	{ "PROVISOR_ANSWER_LIMIT", MEMBER(answer_limit), read_duration, "25s", "a duration such as 25s, 2min or 1h",
	  "How long the marketplace waits for a response." },
	{ "PROVISOR_REPEAT_HORIZON", MEMBER(repeat_horizon), read_duration, "1h", "a duration such as 25s, 2min or 1h",
	  "How long a marketplace may take to repeat a request that got no response. After that, the work is undone." },
	{ "PROVISOR_JOB_LIMIT", MEMBER(job_limit), read_duration, "1min", "a duration such as 25s, 2min or 1h",
	  "How long hooks and libraries may run in provisor-jobs." },
	{ "PROVISOR_API_WORKERS", MEMBER(api_workers), read_worker_count, "", "a number from 1 to 999",
	  "The number of workers in the pool for marketplaces. If empty, 3 per core." },
	{ "PROVISOR_WEB_WORKERS", MEMBER(web_workers), read_worker_count, "", "a number from 1 to 999",
	  "The number of workers in the pool for browsers. If empty, 1 per core." },
	{ "PROVISOR_JOB_WORKERS", MEMBER(job_workers), read_worker_count, "", "a number from 1 to 999",
	  "The number of processes of provisor-jobs. If empty, 1 per core." },
	{ "PROVISOR_METRICS", MEMBER(metrics), read_any_text, "/run/provisor/state/metrics", "",
	  "The file in which all processes of this host count requests and jobs." },
	{ "PROVISOR_PLATFORM_URL", MEMBER(platform_url), read_base_url, "https://api.heroku.com", PLAIN_URL,
	  "The base URL of the marketplace's Platform API." },
	{ "PROVISOR_TOKEN_URL", MEMBER(token_url), read_base_url, "https://id.heroku.com/oauth/token", PLAIN_URL,
	  "The URL at which grants are exchanged for tokens." },
	{ "PROVISOR_PLATFORM_CA", MEMBER(platform_ca), read_any_text, "", "",
	  "The file with the certificate authorities that are trusted for these two URLs. If empty, those of the system are trusted." },
	{ "PROVISOR_LOG_INPUT_HOSTS", MEMBER(log_input_hosts), read_any_text, "logplex.io", "",
	  "The hosts to which lines of customers' logs may be sent." },
	{ "PROVISOR_LOG", MEMBER(log), read_log_target, "", "stderr, syslog or an absolute path",
	  "The destination of log lines: stderr, syslog, or the absolute path of a file. If empty, stderr, or syslog if stderr is /dev/null." },
	{ "PROVISOR_LOG_LEVEL", MEMBER(log_level), read_log_level, "info", "error, warning, info or debug",
	  "The lowest level of log lines that are written." },
};
/* clang-format on */

/* Hide a value that may contain a password before an @, or a key after a
 * question mark. */
static const char *quote_value(struct arena *arena, const char *value)
{
	return strpbrk(value, "@?") ? "its value"
				    : arena_printf(arena, "\"%s\"", value);
}

static void load_setting(const struct setting *setting,
			 struct settings *settings, struct findings *findings)
{
	void *member = (char *)settings + setting->member;
	const char *value = getenv(setting->name);

	setting->read(findings->arena, setting->fallback, member);
	if (!value || !*value || setting->read(findings->arena, value, member))
		return;
	finding_error(findings, "%s: %s cannot be read: write %s",
		      setting->name, quote_value(findings->arena, value),
		      setting->form);
}

void settings_load(struct settings *settings, struct findings *findings)
{
	for (size_t i = 0; i < COUNT(settings_table); i++)
		load_setting(&settings_table[i], settings, findings);
	if (!*settings->database_direct)
		settings->database_direct = settings->database;
}

bool settings_has(const char *name)
{
	for (size_t i = 0; i < COUNT(settings_table); i++)
		if (strcmp(settings_table[i].name, name) == 0)
			return true;
	return false;
}

void settings_explain(FILE *out)
{
	for (size_t i = 0; i < COUNT(settings_table); i++)
		fprintf(out, "%-25s %-34s %s\n", settings_table[i].name,
			*settings_table[i].fallback ? settings_table[i].fallback
						    : "-",
			settings_table[i].meaning);
}

/* spawn-fcgi without -n connects standard error to /dev/null. */
static bool stderr_is_null(void)
{
	struct stat mine, null;

	return fstat(STDERR_FILENO, &mine) != 0
		|| (stat("/dev/null", &null) == 0 && S_ISCHR(mine.st_mode)
		    && mine.st_rdev == null.st_rdev);
}

void settings_start_log(const struct settings *settings,
			struct findings *findings)
{
	const char *destination = settings->log;

	if (!*destination)
		destination = stderr_is_null() ? "syslog" : "stderr";
	if (!log_to(destination))
		finding_error(findings,
			      "PROVISOR_LOG: cannot append to %s (%s): let the "
			      "pools' user write there",
			      destination, strerror(errno));
	log_limit(settings->log_level);
}

/* Each process reads the file when it starts, so a restart applies changes. */
static void read_settings_file(struct findings *findings)
{
	const char *path = getenv("PROVISOR_ENV");

	if (path && !environment_file_read(path, findings))
		finding_error(findings,
			      "PROVISOR_ENV: %s cannot be read (%s): let the "
			      "group of the pools' user read it, with chgrp "
			      "and chmod 640",
			      path, strerror(errno));
}

bool settings_open(struct settings *settings)
{
	struct findings findings = { .arena = arena_create() };
	int errors;

	read_settings_file(&findings);
	settings_load(settings, &findings);
	settings_start_log(settings, &findings);
	findings_log(&findings);
	errors = findings.errors;
	arena_destroy(findings.arena);
	return errors == 0;
}
