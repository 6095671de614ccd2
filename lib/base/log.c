#include "lib/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum {
	LONGEST_LINE = 4096, /* longer values are cut: one write stays whole */
	ROOM_BEHIND = 512,   /* for what follows a value that was cut */
	LONGEST_MESSAGE = 2048
};

struct line {
	char text[LONGEST_LINE];
	size_t length;
};

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

enum { LEVELS = sizeof level_names / sizeof *level_names };

static struct {
	int descriptor; /* -1: syslog */
	enum log_level limit;
	const char *request_id;
} target = { STDERR_FILENO, LOG_LEVEL_INFO, NULL };

static void put(struct line *line, char byte)
{
	/* One byte stays free for the newline. */
	if (line->length < sizeof line->text - 1)
		line->text[line->length++] = byte;
}

static void put_text(struct line *line, const char *text)
{
	while (*text)
		put(line, *text++);
}

static bool is_plain(const char *value)
{
	return *value != '\0'
		&& value[strspn(value,
				"0123456789-_.:/@+%,"
				"abcdefghijklmnopqrstuvwxyz"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ")]
		== '\0';
}

/* ASCII's control characters, and those that UTF-8 writes as C2 80 to C2 9F. */
static bool is_control(const unsigned char *at, const char *start)
{
	return *at < 0x20 || *at == 0x7f
		|| ((const char *)at > start && at[-1] == 0xc2 && *at < 0xa0);
}

static void put_quoted(struct line *line, const char *value)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *at = (const unsigned char *)value;

	put(line, '"');
	for (; *at && line->length < LONGEST_LINE - ROOM_BEHIND; at++) {
		if (is_control(at, value)) {
			put_text(line, "\\x");
			put(line, digits[*at >> 4]);
			put(line, digits[*at & 15]);
			continue;
		}
		if (*at == '"' || *at == '\\')
			put(line, '\\');
		put(line, (char)*at);
	}
	if (*at)
		put_text(line, "...");
	put(line, '"');
}

static void put_field(struct line *line, const char *key, const char *value)
{
	if (!value)
		return;
	if (line->length > 0)
		put(line, ' ');
	put_text(line, key);
	put(line, '=');
	if (is_plain(value)) {
		put_text(line, value);
		return;
	}
	put_quoted(line, value);
}

/* Syslog stamps its lines itself. */
static void put_time(struct line *line)
{
	struct timespec now;
	struct tm utc;
	char seconds[32], stamp[48];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(stamp, sizeof stamp, "%s.%03dZ", seconds,
		 (int)(now.tv_nsec / 1000000 % 1000));
	put_field(line, "time", stamp);
}

static void send(struct line *line, enum log_level level)
{
	static const int priorities[] = {
		[LOG_LEVEL_ERROR] = LOG_ERR,
		[LOG_LEVEL_WARNING] = LOG_WARNING,
		[LOG_LEVEL_INFO] = LOG_INFO,
		[LOG_LEVEL_DEBUG] = LOG_DEBUG,
	};
	ssize_t written;

	if (target.descriptor < 0) {
		syslog(priorities[level], "%.*s", (int)line->length,
		       line->text);
		return;
	}
	line->text[line->length++] = '\n';
	written = write(target.descriptor, line->text, line->length);
	(void)written; /* there is nowhere left to complain */
}

void log_fields(enum log_level level, const struct log_field *fields)
{
	struct line line = { .length = 0 };
	int saved = errno;

	if (level > target.limit)
		return;
	if (target.descriptor >= 0)
		put_time(&line);
	put_field(&line, "level", level_names[level]);
	put_field(&line, "request", target.request_id);
	for (; fields->key; fields++)
		put_field(&line, fields->key, fields->value);
	send(&line, level);
	errno = saved;
}

__attribute__((format(printf, 2, 0))) static void
tell(enum log_level level, const char *format, va_list arguments)
{
	char message[LONGEST_MESSAGE];
	int saved = errno;

	vsnprintf(message, sizeof message, format, arguments);
	log_fields(level,
		   (const struct log_field[]){ { "message", message },
					       { NULL, NULL } });
	errno = saved;
}

#define DEFINE_TELLER(name, level)                                             \
	void name(const char *format, ...)                                     \
	{                                                                      \
		va_list arguments;                                             \
                                                                               \
		va_start(arguments, format);                                   \
		tell(level, format, arguments);                                \
		va_end(arguments);                                             \
	}

DEFINE_TELLER(log_error, LOG_LEVEL_ERROR)
DEFINE_TELLER(log_warning, LOG_LEVEL_WARNING)
DEFINE_TELLER(log_info, LOG_LEVEL_INFO)
DEFINE_TELLER(log_debug, LOG_LEVEL_DEBUG)

void log_request(const char *request_id)
{
	target.request_id = request_id;
}

void log_limit(enum log_level level)
{
	target.limit = level;
}

bool log_level_named(const char *word, enum log_level *level)
{
	for (int i = 0; i < LEVELS; i++) {
		if (strcmp(word, level_names[i]) != 0)
			continue;
		*level = (enum log_level)i;
		return true;
	}
	return false;
}

static bool open_file(const char *path)
{
	int descriptor =
		open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);

	if (descriptor < 0)
		return false;
	target.descriptor = descriptor;
	return true;
}

bool log_to(const char *destination)
{
	if (strcmp(destination, "stderr") == 0) {
		target.descriptor = STDERR_FILENO;
		return true;
	}
	if (strcmp(destination, "syslog") == 0) {
		openlog("provisor", LOG_PID, LOG_DAEMON);
		target.descriptor = -1;
		return true;
	}
	return open_file(destination);
}
