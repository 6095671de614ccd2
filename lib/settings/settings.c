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
#include "lib/text/number.h"
#include "lib/text/url.h"

#define MEMBER(name) offsetof(struct settings, name)

enum { MOST_WORKERS = 999 };

/* Each reads a value into its member of struct settings. */

static bool read_text(struct arena *arena, const char *text, void *member)
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
		&& read_text(arena, text, member);
}

static bool read_log_target(struct arena *arena, const char *text, void *member)
{
	if (text[0] != '/' && strcmp(text, "stderr") != 0
	    && strcmp(text, "syslog") != 0 && strcmp(text, "") != 0)
		return false;
	return read_text(arena, text, member);
}

/* clang-format off */
static const struct setting {
	const char *name;
	size_t member;
	bool (*read)(struct arena *arena, const char *text, void *member);
	const char *fallback;
	const char *form; /* said when it cannot be read */
	const char *meaning;
} settings_table[] = {
	{ "PROVISOR_DATABASE",        MEMBER(database),        read_text,     "",                       "", "libpq connection string or URI; empty: PGHOST and its kin, or a service file" },
	{ "PROVISOR_DATABASE_DIRECT", MEMBER(database_direct), read_text,     "",                       "", "the same past a pooler, for migrate and jobs; empty: PROVISOR_DATABASE" },
	{ "PROVISOR_ADDONS",          MEMBER(addons),          read_text,     "/etc/provisor/addons",   "", "folder of the add-ons' homes, MARKETPLACE/ADDON below it" },
	{ "PROVISOR_KEYS",            MEMBER(keys),            read_text,     "/etc/provisor/keys",     "", "file of the keys that seal secrets in the database" },
	{ "PROVISOR_ANSWER_LIMIT",    MEMBER(answer_limit),    read_duration, "25s",                    "a duration such as 25s, 2min or 1h", "how long the marketplace waits for an answer" },
	{ "PROVISOR_REPEAT_HORIZON",  MEMBER(repeat_horizon),  read_duration, "1h",                     "a duration such as 25s, 2min or 1h", "how long a marketplace may take to repeat what it got no answer to; then it is taken back" },
	{ "PROVISOR_JOB_LIMIT",       MEMBER(job_limit),       read_duration, "1min",                   "a duration such as 25s, 2min or 1h", "how long hooks and libraries may take in provisor-jobs" },
	{ "PROVISOR_API_WORKERS",     MEMBER(api_workers),     read_worker_count,    "",                       "a number from 1 to 999", "workers of the pool that marketplaces call; empty: 3 a core" },
	{ "PROVISOR_WEB_WORKERS",     MEMBER(web_workers),     read_worker_count,    "",                       "a number from 1 to 999", "workers of the pool that people look at; empty: 1 a core" },
	{ "PROVISOR_JOB_WORKERS",     MEMBER(job_workers),     read_worker_count,    "",                       "a number from 1 to 999", "processes of provisor-jobs; empty: 1 a core" },
	{ "PROVISOR_METRICS",         MEMBER(metrics),         read_text,     "/run/provisor/metrics",  "", "file in which the processes of this host count" },
	{ "PROVISOR_PLATFORM_URL",    MEMBER(platform_url),    read_base_url,    "https://api.heroku.com", "https:// and a host, perhaps a port and a path, but no user, password, query or fragment", "base address of the marketplace's Platform API" },
	{ "PROVISOR_TOKEN_URL",       MEMBER(token_url),       read_base_url,    "https://id.heroku.com/oauth/token", "https:// and a host, perhaps a port and a path, but no user, password, query or fragment", "where grants are exchanged for tokens" },
	{ "PROVISOR_PLATFORM_CA",     MEMBER(platform_ca),     read_text,     "",                       "", "file of the authorities that vouch for these two; empty: the system's" },
	{ "PROVISOR_LOG_INPUT_HOSTS", MEMBER(log_input_hosts), read_text,     "logplex.io",             "", "hosts that customers' logs are written to, with their subdomains, at public addresses; host:port: at any" },
	{ "PROVISOR_LOG",             MEMBER(log),             read_log_target,      "",                       "stderr, syslog or an absolute path", "where log lines go; empty: stderr, or syslog where that is /dev/null" },
	{ "PROVISOR_LOG_LEVEL",       MEMBER(log_level),       read_log_level,    "info",                   "error, warning, info or debug", "the least weighty lines that are written" },
};
/* clang-format on */

/* Hide a value that may have a password before an @, or a key after a question
 * mark. */
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

bool settings_exist(const char *name)
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

/* spawn-fcgi without -n leaves /dev/null there. */
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

bool settings_open(struct settings *settings)
{
	struct findings findings = { .arena = arena_create() };
	int errors;

	settings_load(settings, &findings);
	settings_start_log(settings, &findings);
	findings_log(&findings);
	errors = findings.errors;
	arena_destroy(findings.arena);
	return errors == 0;
}
