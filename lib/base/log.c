#include "lib/base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "lib/base/arena.h"
#include "lib/base/log_sink.h"
#include "lib/base/utf8.h"

enum {
	LONGEST_LINE = 4096,  /* bytes; longer values are truncated */
	ROOM_AFTER_CUT = 512, /* for the fields after a value that was cut */
	LONGEST_MESSAGE = 2048
};

struct log_line {
	char text[LONGEST_LINE];
	size_t length;
	size_t start; /* where the fields begin */
};

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

static const int priorities[] = {
	[LOG_LEVEL_ERROR] = LOG_ERR,
	[LOG_LEVEL_WARNING] = LOG_WARNING,
	[LOG_LEVEL_INFO] = LOG_INFO,
	[LOG_LEVEL_DEBUG] = LOG_DEBUG,
};

enum { LEVELS = sizeof level_names / sizeof *level_names };

static struct {
	enum log_level limit;
	const char *request_id;
	unsigned long dropped; /* lines since the last one that was written */
	int reason;            /* errno of the first of them */
} target = { .limit = LOG_LEVEL_INFO };

static void put_byte(struct log_line *line, char byte)
{
	/* Reserve one byte for the newline. */
	if (line->length < sizeof line->text - 1)
		line->text[line->length++] = byte;
}

static void put_log_bytes(struct log_line *line, const char *bytes,
			  size_t length)
{
	size_t room = sizeof line->text - 1 - line->length;

	if (length > room)
		length = room;
	memcpy(line->text + line->length, bytes, length);
	line->length += length;
}

static void put_text(struct log_line *line, const char *text)
{
	put_log_bytes(line, text, strlen(text));
}

/* Put text, and then the digits of a number from the unit, a power of 10. */
static void put_digits(struct log_line *line, const char *text, long number,
		       long unit)
{
	put_text(line, text);
	for (; unit > 0; unit /= 10)
		put_byte(line, (char)('0' + number / unit % 10));
}

/* Return the length of the start of value that needs no quotes. */
static size_t count_plain_bytes(const char *value)
{
	static const char others[] = "-_.:/@+%,";
	static bool is_plain[UCHAR_MAX + 1];
	size_t count = 0;

	if (!is_plain['a']) {
		for (int byte = 'a'; byte <= 'z'; byte++)
			is_plain[byte] = is_plain[byte - 'a' + 'A'] = true;
		for (int byte = '0'; byte <= '9'; byte++)
			is_plain[byte] = true;
		for (const char *other = others; *other; other++)
			is_plain[(unsigned char)*other] = true;
	}
	while (is_plain[(unsigned char)value[count]])
		count++;
	return count;
}

static void put_escaped(struct log_line *line, const char *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		put_text(line, "\\x");
		put_byte(line, digits[byte >> 4]);
		put_byte(line, digits[byte & 15]);
	}
}

/* Put a character of length bytes; 0: a byte that belongs to no character. */
static void put_character(struct log_line *line, const char *character,
			  size_t length)
{
	if (length == 0 || utf8_is_control(character, length)) {
		put_escaped(line, character, length > 0 ? length : 1);
		return;
	}
	if (*character == '"' || *character == '\\')
		put_byte(line, '\\');
	put_log_bytes(line, character, length);
}

static void put_quoted(struct log_line *line, const char *value)
{
	size_t left = strlen(value);

	put_byte(line, '"');
	while (left > 0 && line->length < LONGEST_LINE - ROOM_AFTER_CUT) {
		size_t length = utf8_take(value, left);

		put_character(line, value, length);
		value += length > 0 ? length : 1;
		left -= length > 0 ? length : 1;
	}
	if (left > 0)
		put_text(line, "...");
	put_byte(line, '"');
}

static void put_priority(struct log_line *line, enum log_level level)
{
	put_byte(line, '<');
	put_byte(line, (char)('0' + priorities[level]));
	put_byte(line, '>');
	line->start = line->length;
}

static void put_log_field(struct log_line *line, const char *key,
			  const char *value)
{
	size_t length;

	if (!value)
		return;
	if (line->length > line->start)
		put_byte(line, ' ');
	put_text(line, key);
	put_byte(line, '=');
	length = count_plain_bytes(value);
	if (length > 0 && value[length] == '\0')
		put_log_bytes(line, value, length);
	else
		put_quoted(line, value);
}

static void put_log_time(struct log_line *line)
{
	struct timespec now;
	struct tm utc;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	put_digits(line, "time=", utc.tm_year + 1900, 1000);
	put_digits(line, "-", utc.tm_mon + 1, 10);
	put_digits(line, "-", utc.tm_mday, 10);
	put_digits(line, "T", utc.tm_hour, 10);
	put_digits(line, ":", utc.tm_min, 10);
	put_digits(line, ":", utc.tm_sec, 10);
	put_digits(line, ".", now.tv_nsec / 1000000, 100);
	put_byte(line, 'Z');
}

static void begin_line(struct log_line *line, enum log_level level)
{
	if (log_sink_is_journal())
		put_priority(line, level);
	if (!log_sink_adds_time())
		put_log_time(line);
	put_log_field(line, "level", level_names[level]);
}

static bool send_line(struct log_line *line, enum log_level level)
{
	line->text[line->length++] = '\n';
	return log_sink_write(priorities[level], line->text, line->length);
}

static void count_dropped(void)
{
	if (target.dropped == 0)
		target.reason = errno;
	target.dropped++;
}

static void put_reason(struct log_line *line)
{
	char text[128];

	snprintf(text, sizeof text, "log lines were dropped (%s)",
		 target.reason == EAGAIN ? "the reader of the log did not "
					   "keep up"
					 : strerror(target.reason));
	put_log_field(line, "msg", text);
}

/* Write how many lines were dropped before this one. */
static void report_dropped(void)
{
	struct log_line line = { .length = 0 };
	char count[24];

	snprintf(count, sizeof count, "%lu", target.dropped);
	if (log_sink_may_be_cut()) {
		put_byte(&line, '\n');
		line.start = line.length;
	}
	begin_line(&line, LOG_LEVEL_WARNING);
	put_log_field(&line, "dropped", count);
	put_reason(&line);
	if (send_line(&line, LOG_LEVEL_WARNING))
		target.dropped = 0;
}

void log_fields(enum log_level level, const struct log_field *fields)
{
	struct log_line line = { .length = 0 };
	int saved = errno;

	if (level > target.limit)
		return;
	begin_line(&line, level);
	put_log_field(&line, "request_id", target.request_id);
	for (; fields->key; fields++)
		put_log_field(&line, fields->key, fields->value);
	if (target.dropped > 0)
		report_dropped();
	if (target.dropped > 0 || !send_line(&line, level))
		count_dropped();
	errno = saved;
}

__attribute__((format(printf, 2, 0))) static void
log_sentence(enum log_level level, const char *format, va_list arguments)
{
	char message[LONGEST_MESSAGE];
	int saved = errno;

	if (level > target.limit)
		return;
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
	/* Skip the leading 1, which keeps the zeros after it. */
	const char *fraction =
		arena_number(arena, 1000 + milliseconds % 1000) + 1;

	return arena_join(arena, arena_number(arena, milliseconds / 1000), ".",
			  fraction);
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

bool log_to(const char *destination)
{
	return log_sink_open(destination);
}

bool log_can_open(const char *path)
{
	return log_sink_can_open(path);
}
