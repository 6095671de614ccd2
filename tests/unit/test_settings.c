#include "files.h"

#include <errno.h>
#include <unistd.h>

#include "lib/settings/environment_file.h"
#include "lib/settings/settings.h"

/* ---- the environment ---- */

static const char *const names[] = {
	"PROVISOR_DATABASE",      "PROVISOR_DATABASE_DIRECT",
	"PROVISOR_ADDONS",        "PROVISOR_KEYS",
	"PROVISOR_LOG",           "PROVISOR_ANSWER_LIMIT",
	"PROVISOR_LOG_LEVEL",     "PROVISOR_METRICS",
	"PROVISOR_HOOKS",         "PROVISOR_TIMELINE",
	"PROVISOR_SOCKET_GROUP",  "PROVISOR_API_WORKERS",
	"PROVISOR_WEB_WORKERS",   "PROVISOR_JOB_WORKERS",
	"PROVISOR_JOB_LIMIT",     "PROVISOR_REPEAT_HORIZON",
	"PROVISOR_KEEP_JOBS",     "PROVISOR_KEEP_EVENTS",
	"PROVISOR_PLATFORM_URL",  "PROVISOR_TOKEN_URL",
	"PROVISOR_PLATFORM_CA",   "PROVISOR_LOG_INPUT_HOSTS",
	"PROVISOR_PERSONAL_DATA", "PROVISOR_CONSOLE",
	"PROVISOR_SERVER_KEY"
};

static void forget_environment(void)
{
	unsetenv("PROVISOR_KEY");
	unsetenv("PGHOST");
	for (size_t i = 0; i < COUNT(names); i++)
		unsetenv(names[i]);
}

static struct settings load(void)
{
	struct settings settings;

	memset(&settings, 0xa5, sizeof settings);
	settings_load(&settings, &findings);
	return settings;
}

static void assert_defaults(const struct settings *settings)
{
	assert_string_equal(settings->database, "");
	assert_string_equal(settings->database_direct, "");
	assert_string_equal(settings->addons, "/etc/provisor/addons");
	assert_string_equal(settings->keys, "/etc/provisor/keys");
	assert_string_equal(settings->metrics, "/run/provisor/state/metrics");
	assert_string_equal(settings->platform_url, "https://api.heroku.com");
	assert_string_equal(settings->token_url,
			    "https://id.heroku.com/oauth/token");
	assert_string_equal(settings->platform_ca, "");
	assert_string_equal(settings->log_input_hosts, "logplex.io");
	assert_int_equal(settings->answer_limit, 25000);
	assert_int_equal(settings->log_level, LOG_LEVEL_INFO);
}

static void nothing_set_is_the_defaults(void)
{
	struct settings settings;

	forget_environment();
	settings = load();
	assert_defaults(&settings);
	assert_string_equal(unit_findings(), "");
}

static void an_empty_setting_is_its_default(void)
{
	struct settings settings;

	for (size_t i = 0; i < COUNT(names); i++)
		setenv(names[i], "", 1);
	settings = load();
	assert_defaults(&settings);
	assert_string_equal(unit_findings(), "");
}

static void everything_can_be_set(void)
{
	struct settings settings;

	setenv("PROVISOR_DATABASE", "host=pooler", 1);
	setenv("PROVISOR_DATABASE_DIRECT", "host=database", 1);
	setenv("PROVISOR_ADDONS", "/srv/addons", 1);
	setenv("PROVISOR_KEYS", "/srv/keys", 1);
	setenv("PROVISOR_METRICS", "/srv/metrics", 1);
	setenv("PROVISOR_PLATFORM_URL", "https://api.example.com/v3", 1);
	setenv("PROVISOR_TOKEN_URL", "https://id.example.com:8443/token", 1);
	setenv("PROVISOR_PLATFORM_CA", "/srv/ca.pem", 1);
	setenv("PROVISOR_LOG_INPUT_HOSTS", "logs.example.com", 1);
	setenv("PROVISOR_ANSWER_LIMIT", "2s", 1);
	setenv("PROVISOR_LOG", "/srv/log", 1);
	setenv("PROVISOR_LOG_LEVEL", "debug", 1);
	settings = load();
	assert_string_equal(settings.database, "host=pooler");
	assert_string_equal(settings.database_direct, "host=database");
	assert_string_equal(settings.addons, "/srv/addons");
	assert_string_equal(settings.keys, "/srv/keys");
	assert_string_equal(settings.metrics, "/srv/metrics");
	assert_string_equal(settings.platform_url,
			    "https://api.example.com/v3");
	assert_string_equal(settings.token_url,
			    "https://id.example.com:8443/token");
	assert_string_equal(settings.platform_ca, "/srv/ca.pem");
	assert_string_equal(settings.log_input_hosts, "logs.example.com");
	assert_int_equal(settings.answer_limit, 2000);
	assert_string_equal(settings.log, "/srv/log");
	assert_int_equal(settings.log_level, LOG_LEVEL_DEBUG);
	assert_string_equal(unit_findings(), "");
}

static void without_a_pooler_there_is_one_database(void)
{
	struct settings settings;

	forget_environment();
	setenv("PROVISOR_DATABASE", "host=database", 1);
	settings = load();
	assert_string_equal(settings.database_direct, "host=database");
}

static struct setting_row {
	const char *name;
	const char *setting;
	const char *value;
	const char *remedy; /* NULL: the value is valid */
} rows[] = {
	{ "a limit without a unit is refused", "PROVISOR_ANSWER_LIMIT", "25",
	  "25s" },
	{ "a limit of nothing is refused", "PROVISOR_ANSWER_LIMIT", "0s",
	  "25s" },
	{ "no workers are refused", "PROVISOR_API_WORKERS", "0", "1 to 999" },
	{ "a thousand workers are refused", "PROVISOR_WEB_WORKERS", "1000",
	  "1 to 999" },
	{ "workers in words are refused", "PROVISOR_JOB_WORKERS", "3x",
	  "1 to 999" },
	{ "as many workers as there may be", "PROVISOR_JOB_WORKERS", "999",
	  NULL },
	{ "an unknown level is refused", "PROVISOR_LOG_LEVEL", "loud",
	  "error, warning, info or debug" },
	{ "a relative log file is refused", "PROVISOR_LOG", "provisor.log",
	  "absolute" },
	{ "a platform without TLS is refused", "PROVISOR_PLATFORM_URL",
	  "http://api.example.com", "https://" },
	{ "a platform without a host is refused", "PROVISOR_PLATFORM_URL",
	  "https:///v3", "https://" },
	{ "a platform with no more than a port is refused",
	  "PROVISOR_PLATFORM_URL", "https://:443/v3", "a host" },
	{ "nothing after the scheme is refused", "PROVISOR_PLATFORM_URL",
	  "https://", "a host" },
	{ "a platform's address has no user", "PROVISOR_PLATFORM_URL",
	  "https://me@api.example.com", "no user, password" },
	{ "a URL with a password is refused and not quoted",
	  "PROVISOR_PLATFORM_URL", "https://u:hush@api.example.com",
	  "its value cannot be read: write https://" },
	{ "a platform's address has no query", "PROVISOR_PLATFORM_URL",
	  "https://api.example.com/v3?key=hush", "query" },
	{ "a platform's address has no fragment", "PROVISOR_PLATFORM_URL",
	  "https://api.example.com/v3#key", "fragment" },
	{ "a platform's address has no blanks", "PROVISOR_PLATFORM_URL",
	  "https://api.example.com/v 3", "a host" },
	{ "a platform's address has no line", "PROVISOR_PLATFORM_URL",
	  "https://api.example.com/v3\n", "a host" },
	{ "a platform may be an address of IPv6", "PROVISOR_PLATFORM_URL",
	  "https://[::1]:8443/v3/", NULL },
	{ "a token address has no password", "PROVISOR_TOKEN_URL",
	  "https://u:hush@id.example.com/token", "no user, password" },
	{ "a token address has no query", "PROVISOR_TOKEN_URL",
	  "https://id.example.com/token?key=1", "query" },
	{ "a token address without TLS is refused", "PROVISOR_TOKEN_URL",
	  "id.example.com/oauth/token", "https://" },
	{ "jobs may be kept forever", "PROVISOR_KEEP_JOBS", "forever", NULL },
	{ "jobs may be kept for a day", "PROVISOR_KEEP_JOBS", "24h", NULL },
	{ "jobs are kept for a day or more", "PROVISOR_KEEP_JOBS", "23h",
	  "1d, a longer duration" },
	{ "jobs are kept for some time", "PROVISOR_KEEP_JOBS", "never",
	  "forever" },
	{ "events may be kept for a month", "PROVISOR_KEEP_EVENTS", "30d",
	  NULL },
	{ "events are kept for a month or more", "PROVISOR_KEEP_EVENTS", "29d",
	  "30d, a longer duration" },
	{ "people may be kept for a day", "PROVISOR_PERSONAL_DATA", "1d",
	  NULL },
	{ "people are kept for a day or more", "PROVISOR_PERSONAL_DATA", "1h",
	  "1d, a longer duration" },
	{ "the log may go to standard error", "PROVISOR_LOG", "stderr", NULL },
	{ "the log may go to syslog", "PROVISOR_LOG", "syslog", NULL },
	{ "the log may go to a file", "PROVISOR_LOG", "/srv/log", NULL },
};

static void setting_is_as_expected(void **state)
{
	const struct setting_row *row = *state;
	struct settings settings;

	forget_environment();
	setenv(row->setting, row->value, 1);
	settings = load();
	assert_int_equal(findings.errors, row->remedy ? 1 : 0);
	if (!row->remedy)
		return;
	assert_contains(unit_findings(), row->setting);
	assert_contains(unit_findings(), row->remedy);
	assert_lacks(unit_findings(), "hush");
	assert_defaults(&settings);
}

static void every_wrong_setting_is_named(void)
{
	forget_environment();
	setenv("PROVISOR_ANSWER_LIMIT", "soon", 1);
	setenv("PROVISOR_LOG_LEVEL", "loud", 1);
	load();
	assert_int_equal(findings.errors, 2);
}

/* ---- the file ---- */

static struct file_row {
	const char *name;
	const char *content;
	const char *expected; /* value of PROVISOR_KEYS afterwards */
	const char *finding;  /* NULL: none */
} files[] = {
	{ "a line is a setting", "PROVISOR_KEYS=/srv/keys\n", "/srv/keys",
	  NULL },
	{ "the last line needs no newline", "PROVISOR_KEYS=/srv/keys",
	  "/srv/keys", NULL },
	{ "an empty file sets nothing", "", NULL, NULL },
	{ "blank lines are skipped", "\n  \n\t\nPROVISOR_KEYS=k\n", "k", NULL },
	{ "a comment begins with a hash", "# PROVISOR_KEYS=no\n", NULL, NULL },
	{ "a comment begins with a semicolon", "; PROVISOR_KEYS=no\n", NULL,
	  NULL },
	{ "a comment may be indented", "  # PROVISOR_KEYS=no\n", NULL, NULL },
	{ "a hash within a value is part of it", "PROVISOR_KEYS=a #b\n", "a #b",
	  NULL },
	{ "blanks around are cut", "  PROVISOR_KEYS =  a b  \n", "a b", NULL },
	{ "a carriage return is cut", "PROVISOR_KEYS=a\r\n", "a", NULL },
	{ "double quotes are cut", "PROVISOR_KEYS=\" a \"\n", " a ", NULL },
	{ "single quotes are cut", "PROVISOR_KEYS=' a '\n", " a ", NULL },
	{ "quotes within a value are part of it",
	  "PROVISOR_KEYS=user='a b' host=c\n", "user='a b' host=c", NULL },
	{ "an equals sign within a value is part of it",
	  "PROVISOR_KEYS=host=c user=d\n", "host=c user=d", NULL },
	{ "an empty value is one", "PROVISOR_KEYS=\n", "", NULL },
	{ "a dollar sign means nothing", "PROVISOR_KEYS=$HOME\n", "$HOME",
	  NULL },
	{ "of two lines the last counts", "PROVISOR_KEYS=a\nPROVISOR_KEYS=b\n",
	  "b", NULL },
	{ "a word is not a setting", "PROVISOR_KEYS=a\n\nwhat\n", "a",
	  "line 3" },
	{ "a setting needs a name", "=a\n", NULL, "line 1" },
	{ "a name with a blank is refused", "export PROVISOR_KEYS=a\n", NULL,
	  "line 1 is not NAME=VALUE" },
	{ "a name that begins with a digit is refused", "1KEY=a\n", NULL,
	  "line 1 is not NAME=VALUE" },
	{ "a misspelled setting is reported",
	  "PROVISOR_KEYS=a\nPROVISOR_KEY=b\n", "a",
	  "line 2: there is no setting PROVISOR_KEY:" },
	{ "other variables are allowed", "PGHOST=a\nPROVISORKEYS=b\n", NULL,
	  NULL },
};

static void file_is_read_as_expected(void **state)
{
	const struct file_row *row = *state;
	const char *path = files_write("provisor.env", row->content);

	forget_environment();
	assert_true(environment_file_read(path, &findings));
	assert_text(getenv("PROVISOR_KEYS"), row->expected);
	assert_int_equal(findings.errors, row->finding ? 1 : 0);
	if (row->finding) {
		assert_contains(unit_findings(), path);
		assert_contains(unit_findings(), row->finding);
	}
}

static void what_stands_in_the_environment_stays(void)
{
	const char *path = files_write("provisor.env",
				       "PROVISOR_KEYS=file\n"
				       "PROVISOR_ADDONS=file");

	forget_environment();
	setenv("PROVISOR_KEYS", "environment", 1);
	assert_true(environment_file_read(path, &findings));
	assert_string_equal(getenv("PROVISOR_KEYS"), "environment");
	assert_string_equal(getenv("PROVISOR_ADDONS"), "file");
}

static void what_cannot_be_read_is_told_by_errno(void)
{
	errno = 0;
	assert_false(environment_file_read(files_path("missing"), &findings));
	assert_int_equal(errno, ENOENT);
	assert_false(environment_file_read(files_path("."), &findings));
	assert_int_equal(errno, EISDIR);
}

static void a_long_value_is_never_half_of_it(void)
{
	char *value = arena_alloc(arena, 5001);
	const char *path;

	memset(value, 'v', 5000);
	path = files_write("provisor.env",
			   arena_printf(arena, "PROVISOR_KEYS=%s\n", value));
	forget_environment();
	assert_true(environment_file_read(path, &findings));
	if (findings.errors == 0)
		assert_string_equal(getenv("PROVISOR_KEYS"), value);
	else
		assert_null(getenv("PROVISOR_KEYS"));
}

/* ---- the rest ---- */

static void every_setting_is_explained(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	size_t lines = 0;

	settings_explain(out);
	fclose(out);
	arena_defer(arena, free, text);
	for (size_t i = 0; i < COUNT(names); i++)
		assert_contains(text, names[i]);
	assert_contains(text, "/etc/provisor/addons");
	assert_contains(text, "/etc/provisor/keys");
	assert_contains(text, "/run/provisor/state/metrics");
	assert_contains(text, "25s");
	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, COUNT(names));
}

static void logging_starts_as_configured(void)
{
	const char *path = files_path("log");
	const struct settings settings = { .log = path,
					   .log_level = LOG_LEVEL_DEBUG };

	settings_start_log(&settings, &findings);
	log_debug("seen");
	assert_true(log_to("stderr"));
	log_limit(LOG_LEVEL_INFO);
	assert_string_equal(unit_findings(), "");
	assert_contains(files_read(path), "msg=seen\n");
}

static void a_log_that_cannot_be_opened_is_found(void)
{
	const char *path = files_path("missing/log");
	const struct settings settings = { .log = path,
					   .log_level = LOG_LEVEL_INFO };

	settings_start_log(&settings, &findings);
	assert_int_equal(findings.errors, 1);
	assert_contains(unit_findings(), "PROVISOR_LOG");
	assert_contains(unit_findings(), path);
}

/* Open settings with this file, which is then changed.  Return those of the
 * next start. */
static struct settings read_again(const char *before, const char *after)
{
	struct settings settings, next;

	setenv("PROVISOR_ENV", files_write("provisor.env", before), 1);
	assert_true(settings_open(&settings));
	assert_true(log_to("stderr"));
	(void)files_write("provisor.env", after);
	settings_read_again(&settings, &next, &findings);
	unsetenv("PROVISOR_ENV");
	return next;
}

static void the_next_start_reads_the_file_again(void)
{
	struct settings next;

	forget_environment();
	next = read_again("PROVISOR_KEYS=a\nPROVISOR_ADDONS=a\n",
			  "PROVISOR_KEYS=b\nPROVISOR_DATABASE=c\n");
	assert_string_equal(unit_findings(), "");
	assert_string_equal(next.keys, "b");
	assert_string_equal(next.addons, "/etc/provisor/addons");
	assert_string_equal(next.database_direct, "c");
	assert_string_equal(getenv("PROVISOR_KEYS"), "a");
}

static void the_environment_has_precedence_at_the_next_start(void)
{
	struct settings next;

	forget_environment();
	setenv("PROVISOR_ANSWER_LIMIT", "20s", 1);
	next = read_again("", "PROVISOR_ANSWER_LIMIT=soon\n");
	assert_string_equal(unit_findings(), "");
	assert_int_equal(next.answer_limit, 20000);
}

static void what_prevents_the_next_start_is_reported(void)
{
	forget_environment();
	(void)read_again("", "PROVISOR_ANSWER_LIMIT=soon\n");
	assert_contains(unit_findings(), "PROVISOR_ANSWER_LIMIT: \"soon\"");
	forget_environment();
	(void)read_again("", "PROVISOR_LOG=/missing/log\n");
	assert_contains(unit_findings(),
			"PROVISOR_LOG: cannot append to "
			"/missing/log");
	assert_int_equal(findings.errors, 2);
}

static void the_log_of_the_next_start_is_not_created(void)
{
	const char *log = files_path("log-of-the-next-start");

	forget_environment();
	(void)read_again("", arena_printf(arena, "PROVISOR_LOG=%s\n", log));
	assert_string_equal(unit_findings(), "");
	assert_int_equal(access(log, F_OK), -1);
}

static void a_file_that_is_gone_prevents_the_next_start(void)
{
	struct settings settings, next;
	const char *path = files_write("provisor.env", "");

	forget_environment();
	setenv("PROVISOR_ENV", path, 1);
	assert_true(settings_open(&settings));
	assert_int_equal(unlink(path), 0);
	settings_read_again(&settings, &next, &findings);
	unsetenv("PROVISOR_ENV");
	assert_contains(unit_findings(), "PROVISOR_ENV: ");
	assert_contains(unit_findings(), "No such file");
}

static void without_a_file_the_next_start_is_like_this_one(void)
{
	struct settings settings, next;

	forget_environment();
	setenv("PROVISOR_KEYS", "a", 1);
	assert_true(settings_open(&settings));
	settings_read_again(&settings, &next, &findings);
	assert_string_equal(unit_findings(), "");
	assert_string_equal(next.keys, "a");
}

static struct unit_check checks[] = {
	{ "nothing set is the defaults", nothing_set_is_the_defaults },
	{ "an empty setting is its default", an_empty_setting_is_its_default },
	{ "everything can be set", everything_can_be_set },
	{ "without a pooler there is one database",
	  without_a_pooler_there_is_one_database },
	{ "every wrong setting is named", every_wrong_setting_is_named },
	{ "what stands in the environment stays",
	  what_stands_in_the_environment_stays },
	{ "errno says that a file is missing",
	  what_cannot_be_read_is_told_by_errno },
	{ "a long value is never half of it",
	  a_long_value_is_never_half_of_it },
	{ "every setting is explained", every_setting_is_explained },
	{ "logging starts as configured", logging_starts_as_configured },
	{ "a log that cannot be opened is reported",
	  a_log_that_cannot_be_opened_is_found },
	{ "the next start reads the file again",
	  the_next_start_reads_the_file_again },
	{ "the environment has precedence at the next start",
	  the_environment_has_precedence_at_the_next_start },
	{ "what prevents the next start is reported",
	  what_prevents_the_next_start_is_reported },
	{ "the log of the next start is not created",
	  the_log_of_the_next_start_is_not_created },
	{ "a file that is gone prevents the next start",
	  a_file_that_is_gone_prevents_the_next_start },
	{ "without a file the next start is like this one",
	  without_a_file_the_next_start_is_like_this_one },
};

int main(void)
{
	UNIT_ROWS(rows, setting_is_as_expected);
	UNIT_ROWS(files, file_is_read_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("config");
}
