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

#define DAY ((int64_t)24 * 3600 * 1000) /* ms */

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

/* "forever" is read as 0. */
static bool read_retention(const char *text, int64_t least, int64_t *keep)
{
	int64_t duration = 0;

	if (strcmp(text, "forever") != 0
	    && (!number_read_duration(text, &duration) || duration < least))
		return false;
	*keep = duration;
	return true;
}

static bool read_job_retention(struct arena *arena, const char *text,
			       void *member)
{
	(void)arena;
	return read_retention(text, DAY, member);
}

static bool read_event_retention(struct arena *arena, const char *text,
				 void *member)
{
	(void)arena;
	return read_retention(text, 30 * DAY, member);
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

static bool read_console_access(struct arena *arena, const char *text,
				void *member)
{
	static const char *const names[] = {
		[CONSOLE_OFF] = "off",
		[CONSOLE_READ] = "read",
		[CONSOLE_WRITE] = "write",
	};

	(void)arena;
	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(text, names[i]) != 0)
			continue;
		*(enum console_access *)member = (enum console_access)i;
		return true;
	}
	return false;
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
	{ "PROVISOR_KEEP_JOBS", MEMBER(keep_jobs), read_job_retention, "30d", "1d, a longer duration such as 30d, or forever",
	  "How long finished jobs are kept, with the attempts that did not finish them. provisor-jobs removes older ones." },
	{ "PROVISOR_KEEP_EVENTS", MEMBER(keep_events), read_event_retention, "forever", "30d, a longer duration such as 400d, or forever",
	  "How long the history of resources is kept. provisor-jobs removes older events." },
	{ "PROVISOR_PERSONAL_DATA", MEMBER(personal_data), read_job_retention, "90d", "1d, a longer duration such as 90d, or forever",
	  "How long provisor keeps who signed on, from which address, and the names of resources that are gone. provisor-jobs erases older ones." },
	{ "PROVISOR_API_WORKERS", MEMBER(api_workers), read_worker_count, "", "a number from 1 to 999",
	  "The number of workers in the pool for marketplaces. If empty, 3 per core." },
	{ "PROVISOR_WEB_WORKERS", MEMBER(web_workers), read_worker_count, "", "a number from 1 to 999",
	  "The number of workers in the pool for browsers. If empty, 2 per core." },
	{ "PROVISOR_JOB_WORKERS", MEMBER(job_workers), read_worker_count, "", "a number from 1 to 999",
	  "The number of processes of provisor-jobs. If empty, 2 per core." },
	{ "PROVISOR_METRICS", MEMBER(metrics), read_any_text, "/run/provisor/state/metrics", "",
	  "The file in which all processes of this host count requests and jobs." },
	{ "PROVISOR_TIMELINE", MEMBER(timeline), read_any_text, "/run/provisor/state/timeline", "",
	  "The file in which this host remembers the newest timeline of the database, to refuse a primary that has been replaced." },
	{ "PROVISOR_SOCKET_GROUP", MEMBER(socket_group), read_any_text, "www-data", "",
	  "The group of nginx's workers, which may connect to the sockets that provisor start creates." },
	{ "PROVISOR_HOOKS", MEMBER(hooks), read_any_text, "/run/provisor/hooks.sock", "",
	  "The socket of the hooks pool, which runs hooks and libraries." },
	{ "PROVISOR_CONSOLE", MEMBER(console), read_console_access, "off", "off, read or write",
	  "The mode of the console, the pages for support at /console of nginx's site provisor-console: off, read, or write, in which its users can also change resources and jobs." },
	{ "PROVISOR_SERVER_KEY", MEMBER(server_key), read_any_text, "", "",
	  "The secret by which the pools recognize nginx's sites for the console and the local API. If empty, they refuse the requests of both." },
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

/* Read value, unless it is NULL or empty: then the default applies. */
static void load_setting(const struct setting *setting, const char *value,
			 struct settings *settings, struct findings *findings)
{
	void *member = (char *)settings + setting->member;

	setting->read(findings->arena, setting->fallback, member);
	if (!value || !*value || setting->read(findings->arena, value, member))
		return;
	finding_error(findings, "%s: %s cannot be read: write %s",
		      setting->name, quote_value(findings->arena, value),
		      setting->form);
}

static void complete_settings(struct settings *settings)
{
	if (!*settings->database_direct)
		settings->database_direct = settings->database;
}

void settings_load(struct settings *settings, struct findings *findings)
{
	*settings = (struct settings){ 0 };
	for (size_t i = 0; i < COUNT(settings_table); i++)
		load_setting(&settings_table[i], getenv(settings_table[i].name),
			     settings, findings);
	complete_settings(settings);
}

/* The default is that of nginx/host/pool. */
int settings_job_workers(const struct settings *settings)
{
	return settings->job_workers > 0
		? settings->job_workers
		: 2 * (int)sysconf(_SC_NPROCESSORS_ONLN);
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

static void refuse_log(const char *path, struct findings *findings)
{
	finding_error(findings,
		      "PROVISOR_LOG: cannot append to %s (%s): let the pools' "
		      "user write there",
		      path, strerror(errno));
}

void settings_start_log(const struct settings *settings,
			struct findings *findings)
{
	const char *destination = settings->log;

	if (!*destination)
		destination = stderr_is_null() ? "syslog" : "stderr";
	if (!log_to(destination))
		refuse_log(destination, findings);
	log_limit(settings->log_level);
}

/* ---- the file that PROVISOR_ENV names ---- */

static void refuse_file(const char *path, struct findings *findings)
{
	finding_error(findings,
		      "PROVISOR_ENV: %s cannot be read (%s): let the group of "
		      "the pools' user read it, with chgrp and chmod 640",
		      path, strerror(errno));
}

static uint32_t list_environment(void)
{
	uint32_t list = 0;

	_Static_assert(COUNT(settings_table) <= 32, "there is a bit for each");
	for (size_t i = 0; i < COUNT(settings_table); i++)
		if (getenv(settings_table[i].name))
			list |= UINT32_C(1) << i;
	return list;
}

/* Each process reads the file when it starts, so a restart applies changes. */
bool settings_open(struct settings *settings)
{
	struct findings findings = { .arena = arena_create() };
	uint32_t in_environment = list_environment();
	const char *path = getenv("PROVISOR_ENV");
	int errors;

	if (path && !environment_file_read(path, &findings))
		refuse_file(path, &findings);
	settings_load(settings, &findings);
	settings->file = path;
	settings->in_environment = in_environment;
	settings_start_log(settings, &findings);
	findings_log(&findings);
	errors = findings.errors;
	arena_destroy(findings.arena);
	return errors == 0;
}

static void load_settings_again(const struct settings *settings,
				const struct environment_file *file,
				struct settings *next,
				struct findings *findings)
{
	for (size_t i = 0; i < COUNT(settings_table); i++) {
		const char *name = settings_table[i].name;
		bool is_given = settings->in_environment >> i & 1;

		load_setting(&settings_table[i],
			     is_given ? getenv(name)
				      : environment_file_value(file, name),
			     next, findings);
	}
	complete_settings(next);
}

void settings_read_again(const struct settings *settings, struct settings *next,
			 struct findings *findings)
{
	const struct environment_file *file = NULL;

	*next = *settings;
	if (settings->file) {
		file = environment_file_parse(settings->file, findings);
		if (!file)
			refuse_file(settings->file, findings);
	}
	if (file)
		load_settings_again(settings, file, next, findings);
	if (*next->log == '/' && !log_can_open(next->log))
		refuse_log(next->log, findings);
}
