#include "lib/base/settings.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/findings.h"

#define MEMBER(name) offsetof(struct settings, name)

typedef bool read_fn(const char *text, void *member);

static bool read_text(const char *text, void *member)
{
	*(const char **)member = text;
	return true;
}

bool settings_read_duration(const char *text, int64_t *duration)
{
	static const struct {
		const char *name;
		int64_t milliseconds;
	} units[] = {
		{ "s", 1000 },
		{ "min", 60000 },
		{ "h", 3600000 },
	};
	size_t digits = strspn(text, "0123456789");
	int64_t number = digits <= 6 ? strtoll(text, NULL, 10) : 0;

	if (number == 0)
		return false;
	for (size_t i = 0; i < COUNT(units); i++) {
		if (strcmp(text + digits, units[i].name) != 0)
			continue;
		*duration = number * units[i].milliseconds;
		return true;
	}
	return false;
}

static bool read_duration(const char *text, void *member)
{
	return settings_read_duration(text, member);
}

/* Empty is 0: as many as the cores say. */
static bool read_count(const char *text, void *member)
{
	size_t digits = strspn(text, "0123456789");

	if (text[digits] || digits > 3 || text[0] == '0')
		return false;
	*(int *)member = (int)strtol(text, NULL, 10);
	return true;
}

static bool read_level(const char *text, void *member)
{
	return log_level_named(text, member);
}

/* A path is put behind it, which behind a query would be part of that. */
static bool read_https(const char *text, void *member)
{
	static const char scheme[] = "https://";
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~%/:[]";
	const char *host = text + strlen(scheme);

	if (strncmp(text, scheme, strlen(scheme)) != 0 || !*host
	    || strchr("/:", *host) || host[strspn(host, plain)])
		return false;
	return read_text(text, member);
}

static bool read_log(const char *text, void *member)
{
	if (text[0] != '/' && strcmp(text, "stderr") != 0
	    && strcmp(text, "syslog") != 0 && strcmp(text, "") != 0)
		return false;
	return read_text(text, member);
}

/* clang-format off */
static const struct setting {
	const char *name;
	size_t member;
	read_fn *read;
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
	{ "PROVISOR_API_WORKERS",     MEMBER(api_workers),     read_count,    "",                       "a number from 1 to 999", "workers of the pool that marketplaces call; empty: 3 a core" },
	{ "PROVISOR_WEB_WORKERS",     MEMBER(web_workers),     read_count,    "",                       "a number from 1 to 999", "workers of the pool that people look at; empty: 1 a core" },
	{ "PROVISOR_JOB_WORKERS",     MEMBER(job_workers),     read_count,    "",                       "a number from 1 to 999", "processes of provisor-jobs; empty: 1 a core" },
	{ "PROVISOR_METRICS",         MEMBER(metrics),         read_text,     "/run/provisor/metrics",  "", "file in which the processes of this host count" },
	{ "PROVISOR_PLATFORM_URL",    MEMBER(platform_url),    read_https,    "https://api.heroku.com", "https:// and a host, perhaps a port and a path, but no user, password, query or fragment", "base address of the marketplace's Platform API" },
	{ "PROVISOR_TOKEN_URL",       MEMBER(token_url),       read_https,    "https://id.heroku.com/oauth/token", "https:// and a host, perhaps a port and a path, but no user, password, query or fragment", "where grants are exchanged for tokens" },
	{ "PROVISOR_PLATFORM_CA",     MEMBER(platform_ca),     read_text,     "",                       "", "file of the authorities that vouch for these two; empty: the system's" },
	{ "PROVISOR_LOG_INPUT_HOSTS", MEMBER(log_input_hosts), read_text,     "logplex.io",             "", "hosts that customers' logs are written to, with their subdomains, at public addresses; host:port: at any" },
	{ "PROVISOR_LOG",             MEMBER(log),             read_log,      "",                       "stderr, syslog or an absolute path", "where log lines go; empty: stderr, or syslog where that is /dev/null" },
	{ "PROVISOR_LOG_LEVEL",       MEMBER(log_level),       read_level,    "info",                   "error, warning, info or debug", "the least weighty lines that are written" },
};
/* clang-format on */

/* A password may stand before an @, and a key behind a question mark. */
static const char *quote(struct arena *arena, const char *value)
{
	return strpbrk(value, "@?") ? "its value"
				    : arena_printf(arena, "\"%s\"", value);
}

static void load(const struct setting *setting, struct settings *settings,
		 struct findings *findings)
{
	void *member = (char *)settings + setting->member;
	const char *value = getenv(setting->name);

	setting->read(setting->fallback, member);
	if (!value || !*value || setting->read(value, member))
		return;
	finding_error(findings, "%s: %s cannot be read: write %s",
		      setting->name, quote(findings->arena, value),
		      setting->form);
}

void settings_load(struct settings *settings, struct findings *findings)
{
	for (size_t i = 0; i < COUNT(settings_table); i++)
		load(&settings_table[i], settings, findings);
	if (!*settings->database_direct)
		settings->database_direct = settings->database;
}

void settings_explain(FILE *out)
{
	for (size_t i = 0; i < COUNT(settings_table); i++)
		fprintf(out, "%-25s %-34s %s\n", settings_table[i].name,
			*settings_table[i].fallback ? settings_table[i].fallback
						    : "-",
			settings_table[i].meaning);
}

/* Cut the blanks around text, and one pair of quotes. */
static char *trim(char *text)
{
	char *end;

	while (isspace((unsigned char)*text))
		text++;
	end = text + strlen(text);
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	if (end - text >= 2 && strchr("'\"", *text) && end[-1] == *text) {
		end[-1] = '\0';
		text++;
	}
	return text;
}

/* As systemd wants it: "export NAME" is none. */
static bool is_name(const char *text)
{
	static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789_";

	return *text && text[strspn(text, signs)] == '\0'
		&& !isdigit((unsigned char)*text);
}

/* Would it be a setting of ours, if there were one of this name? */
static bool is_misspelled(const char *name)
{
	static const char ours[] = "PROVISOR_";

	if (strncmp(name, ours, strlen(ours)) != 0)
		return false;
	for (size_t i = 0; i < COUNT(settings_table); i++)
		if (strcmp(settings_table[i].name, name) == 0)
			return false;
	return true;
}

/* Cut a line into its two parts.  False: it is not NAME=VALUE. */
static bool split_line(char *line, const char **name, const char **value)
{
	char *equals = strchr(line, '=');

	if (!equals)
		return false;
	*equals = '\0';
	*name = trim(line);
	*value = trim(equals + 1);
	return is_name(*name);
}

struct assignment {
	const struct assignment *before;
	const char *name;
	const char *value;
};

static const struct assignment *read_assignments(FILE *file, const char *path,
						 struct findings *findings)
{
	const struct assignment *last = NULL;
	char *line = NULL;
	size_t size = 0;

	for (int number = 1; getline(&line, &size, file) >= 0; number++) {
		struct assignment *next =
			arena_alloc(findings->arena, sizeof *next);
		char *text = trim(arena_strdup(findings->arena, line));

		if (strchr("#;", *text))
			continue; /* a comment, or empty */
		if (!split_line(text, &next->name, &next->value)) {
			finding_error(findings,
				      "%s: line %d is not NAME=VALUE: correct "
				      "it, or put # before it",
				      path, number);
			continue;
		}
		if (is_misspelled(next->name))
			finding_error(findings,
				      "%s: line %d: there is no setting %s: "
				      "correct its spelling, or remove it; "
				      "provisor settings lists them",
				      path, number, next->name);
		next->before = last;
		last = next;
	}
	if (line)
		explicit_bzero(line, size);
	free(line);
	return last;
}

/* From the last to the first: of two for one name the last counts, and what
 * stood in the environment counts most. */
bool settings_read_file(const char *path, struct findings *findings)
{
	FILE *file = fopen(path, "re");
	const struct assignment *a;
	bool is_read;

	if (!file)
		return false;
	for (a = read_assignments(file, path, findings); a; a = a->before)
		setenv(a->name, a->value, 0);
	is_read = !ferror(file);
	fclose(file);
	return is_read;
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
