#include "lib/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/arena.h"

enum {
	LONGEST_LINE = 4096,  /* bytes; longer values are truncated */
	ROOM_AFTER_CUT = 512, /* for the fields after a value that was cut */
	LONGEST_MESSAGE = 2048
};

struct log_line {
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

static void put_byte(struct log_line *line, char byte)
{
	/* Reserve one byte for the newline. */
	if (line->length < sizeof line->text - 1)
		line->text[line->length++] = byte;
}

static void put_text(struct log_line *line, const char *text)
{
	while (*text)
		put_byte(line, *text++);
}

static bool is_plain_value(const char *value)
{
	return *value != '\0'
		&& value[strspn(value,
				"0123456789-_.:/@+%,"
				"abcdefghijklmnopqrstuvwxyz"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ")]
		== '\0';
}

/* UTF-8 encodes U+0080 to U+009F as C2 80 to C2 9F. */
static bool is_control_byte(const unsigned char *at, const char *start)
{
	return *at < 0x20 || *at == 0x7f
		|| ((const char *)at > start && at[-1] == 0xc2 && *at < 0xa0);
}

static void put_quoted(struct log_line *line, const char *value)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *at = (const unsigned char *)value;

	put_byte(line, '"');
	for (; *at && line->length < LONGEST_LINE - ROOM_AFTER_CUT; at++) {
		if (is_control_byte(at, value)) {
			put_text(line, "\\x");
			put_byte(line, digits[*at >> 4]);
			put_byte(line, digits[*at & 15]);
			continue;
		}
		if (*at == '"' || *at == '\\')
			put_byte(line, '\\');
		put_byte(line, (char)*at);
	}
	if (*at)
		put_text(line, "...");
	put_byte(line, '"');
}

static void put_log_field(struct log_line *line, const char *key,
			  const char *value)
{
	if (!value)
		return;
	if (line->length > 0)
		put_byte(line, ' ');
	put_text(line, key);
	put_byte(line, '=');
	if (is_plain_value(value)) {
		put_text(line, value);
		return;
	}
	put_quoted(line, value);
}

static void put_log_time(struct log_line *line)
{
	struct timespec now;
	struct tm utc;
	char seconds[32], stamp[48];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(stamp, sizeof stamp, "%s.%03dZ", seconds,
		 (int)(now.tv_nsec / 1000000 % 1000));
	put_log_field(line, "time", stamp);
}

static void send_line(struct log_line *line, enum log_level level)
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
	(void)written; /* a failure cannot be logged */
}

void log_fields(enum log_level level, const struct log_field *fields)
{
	struct log_line line = { .length = 0 };
	int saved = errno;

	if (level > target.limit)
		return;
	if (target.descriptor >= 0) /* syslog adds the time itself */
		put_log_time(&line);
	put_log_field(&line, "level", level_names[level]);
	put_log_field(&line, "request_id", target.request_id);
	for (; fields->key; fields++)
		put_log_field(&line, fields->key, fields->value);
	send_line(&line, level);
	errno = saved;
}

__attribute__((format(printf, 2, 0))) static void
log_sentence(enum log_level level, const char *format, va_list arguments)
{
	char message[LONGEST_MESSAGE];
	int saved = errno;

	vsnprintf(message, sizeof message, format, arguments);
	log_fields(level,
		   (const struct log_field[]){ { "msg", message },
					       { NULL, NULL } });
	errno = saved;
}

void log_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_sentence(LOG_LEVEL_ERROR, format, arguments);
	va_end(arguments);
}

void log_warning(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_sentence(LOG_LEVEL_WARNING, format, arguments);
	va_end(arguments);
}

void log_info(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_sentence(LOG_LEVEL_INFO, format, arguments);
	va_end(arguments);
}

void log_debug(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_sentence(LOG_LEVEL_DEBUG, format, arguments);
	va_end(arguments);
}

const char *log_seconds(struct arena *arena, int64_t milliseconds)
{
	return arena_printf(arena, "%" PRId64 ".%03d", milliseconds / 1000,
			    (int)(milliseconds % 1000));
}

void log_request(const char *request_id)
{
	target.request_id = request_id;
}

void log_limit(enum log_level level)
{
	target.limit = level;
}

bool log_level_named(const char *name, enum log_level *level)
{
	for (int i = 0; i < LEVELS; i++) {
		if (strcmp(name, level_names[i]) != 0)
			continue;
		*level = (enum log_level)i;
		return true;
	}
	return false;
}

static bool open_log(const char *path)
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
	return open_log(destination);
}
