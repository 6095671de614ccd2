#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "lib/base/log.h"

/* ---- how values are written ---- */

static struct value_row {
	const char *name;
	const char *value;
	const char *expected;
} values[] = {
	{ "a word stays bare", "provisioned", "key=provisioned" },
	{ "an id stays bare", "01234567-89ab-cdef-0123-456789abcdef",
	  "key=01234567-89ab-cdef-0123-456789abcdef" },
	{ "a path stays bare", "/heroku/resources", "key=/heroku/resources" },
	{ "a value with blanks is quoted", "two words", "key=\"two words\"" },
	{ "an empty value is quoted", "", "key=\"\"" },
	{ "a value with an equals sign is quoted", "a=b", "key=\"a=b\"" },
	{ "a quote is escaped", "a\"b", "key=\"a\\\"b\"" },
	{ "a backslash is escaped", "a\\b", "key=\"a\\\\b\"" },
	{ "a newline is escaped", "a\nb", "key=\"a\\x0ab\"" },
	{ "a carriage return is escaped", "a\rb", "key=\"a\\x0db\"" },
	{ "a tab is escaped", "a\tb", "key=\"a\\x09b\"" },
	{ "a terminal's escape is escaped", "\x1b[31m", "key=\"\\x1b[31m\"" },
	{ "a control character in UTF-8 is escaped",
	  "\xc2\x9b"
	  "31m",
	  "key=\"\\xc2\\x9b31m\"" },
	{ "a byte that is not UTF-8 is escaped", "\x9b", "key=\"\\x9b\"" },
	{ "a change of direction is escaped", "\xe2\x80\xae",
	  "key=\"\\xe2\\x80\\xae\"" },
	{ "a byte of a longer character is not escaped", "\xcd\x9b",
	  "key=\"\xcd\x9b\"" },
	{ "a delete is escaped", "a\x7f", "key=\"a\\x7f\"" },
	{ "both bytes of a control character are escaped", "a\xc2\x82z",
	  "key=\"a\\xc2\\x82z\"" },
	{ "bytes that are not a character are escaped", "a\x9bz\xe2\x82",
	  "key=\"a\\x9bz\\xe2\\x82\"" },
	{ "non-ASCII text stays readable",
	  "\xc3\xbc"
	  "ber",
	  "key=\"\xc3\xbc"
	  "ber\"" },
	{ "a field of its own cannot be slipped in", "x\" level=\"error",
	  "key=\"x\\\" level=\\\"error\"" },
	{ "a line of its own cannot be slipped in",
	  "x\ntime=2024-01-01T00:00:00.000Z level=error",
	  "key=\"x\\x0atime=2024-01-01T00:00:00.000Z level=error\"" },
	{ "a missing value leaves its field out", NULL, "" },
};

static const char *start_log(void)
{
	const char *path = files_path("log");

	unlink(path);
	assert_true(log_to(path));
	return path;
}

static const char *end_log(const char *path)
{
	assert_true(log_to("stderr"));
	return files_read(path);
}

/* The value is between two fields, so that an omission is visible. */
static void value_is_as_expected(void **state)
{
	const struct value_row *row = *state;
	const struct log_field fields[] = {
		{ "first", "1" },
		{ "key", row->value },
		{ "last", "2" },
		{ NULL, NULL },
	};
	const char *log = start_log();

	log_fields(LOG_LEVEL_INFO, fields);
	log = end_log(log);
	assert_contains(log,
			arena_printf(arena, " level=info first=1%s%s last=2\n",
				     *row->expected ? " " : "", row->expected));
	assert_int_equal(strcspn(log, "\n"), strlen(log) - 1);
}

/* ---- a reader that stalls ---- */

enum { MANY_LINES = 20000 }; /* more than fit into a pipe or socket */

/* Read what is there, as text. */
static const char *drain(int descriptor)
{
	static char text[4 * 1024 * 1024];
	size_t length = 0;
	ssize_t got;

	while ((got = recv(descriptor, text + length, sizeof text - 1 - length,
			   MSG_DONTWAIT))
		       > 0
	       || (got < 0 && errno == ENOTSOCK
		   && (got = read(descriptor, text + length,
				  sizeof text - 1 - length))
			   > 0))
		length += (size_t)got;
	text[length] = '\0';
	return text;
}

/* Log to standard error, which is ends[1], while ends[0] is not read. */
static void stalled_reader_stops_nobody(const int ends[2])
{
	int before = dup(STDERR_FILENO);
	const char *text, *last;
	unsigned long dropped;

	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	dup2(ends[1], STDERR_FILENO);
	assert_true(log_to("stderr"));
	for (int i = 0; i < MANY_LINES; i++)
		log_info("line %d", i);
	text = drain(ends[0]);
	assert_null(strstr(text, "dropped"));
	log_info("after");
	dup2(before, STDERR_FILENO);
	assert_true(log_to("stderr"));
	last = drain(ends[0]);
	assert_int_equal(sscanf(strstr(last, " level="),
				" level=warning dropped=%lu ", &dropped),
			 1);
	assert_in_range(dropped, 1, MANY_LINES - 1);
	assert_contains(last, "msg=after\n");
	close(before);
	close(ends[0]);
	close(ends[1]);
}

/* Every file may have so many bytes, as on a disk that becomes full. */
static void limit_files(rlim_t bytes)
{
	const struct rlimit limit = { bytes, RLIM_INFINITY };

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void full_disk_cuts_no_later_line(void)
{
	const char *path = start_log();
	struct stat status;
	const char *log;

	signal(SIGXFSZ, SIG_IGN);
	log_info("first");
	assert_int_equal(stat(path, &status), 0);
	limit_files((rlim_t)status.st_size + 10);
	log_info("second");
	log_info("third");
	limit_files(RLIM_INFINITY);
	log_info("fourth");
	log = end_log(path);
	assert_contains(log, " msg=first\ntime=20");
	assert_null(strstr(log, "second"));
	assert_null(strstr(log, "third"));
	assert_contains(log,
			" level=warning dropped=2 msg=\"log lines were dropped "
			"(No space left on device)\"\ntime=20");
	assert_contains(log, " msg=fourth\n");
	for (const char *line = log; *line; line = strchr(line, '\n') + 1)
		assert_true(strcspn(line, "\n") == 10
			    || strncmp(line, "time=20", 7) == 0);
}

static void stalled_pipe_stops_nobody(void)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	stalled_reader_stops_nobody(ends);
}

static void stalled_socket_stops_nobody(void)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	stalled_reader_stops_nobody(ends);
}

/* ---- the journal ---- */

/* Write an error to a standard error that is a file.  JOURNAL_STREAM is the
 * file's device and inode if is_journal, and another inode if not. */
static const char *log_to_stream(bool is_journal)
{
	const char *path = files_path("stream");
	int before = dup(STDERR_FILENO);
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	struct stat status;

	assert_int_equal(fstat(file, &status), 0);
	setenv("JOURNAL_STREAM",
	       arena_printf(arena, "%ju:%ju", (uintmax_t)status.st_dev,
			    (uintmax_t)status.st_ino + !is_journal),
	       true);
	dup2(file, STDERR_FILENO);
	assert_true(log_to("stderr"));
	log_error("failed");
	log_info("done");
	dup2(before, STDERR_FILENO);
	unsetenv("JOURNAL_STREAM");
	assert_true(log_to("stderr"));
	close(before);
	close(file);
	return files_read(path);
}

static void the_journal_gets_priorities(void)
{
	const char *log = log_to_stream(true);

	assert_memory_equal(log, "<3>time=", strlen("<3>time="));
	assert_contains(log, " level=error msg=failed\n<6>time=");
	assert_contains(log, " level=info msg=done\n");
}

static void another_stream_gets_none(void)
{
	const char *log = log_to_stream(false);

	assert_memory_equal(log, "time=", strlen("time="));
	assert_null(strchr(log, '<'));
}

/* ---- levels ---- */

/* This test runs first, before a limit is set. */
static void the_default_is_info(void)
{
	const char *log = start_log();

	log_debug("unseen");
	log_info("seen");
	log = end_log(log);
	assert_contains(log, "level=info msg=seen\n");
	assert_lacks(log, "unseen");
}

static struct level_row {
	const char *name;
	const char *word; /* its name; NULL: no level has it */
	enum log_level level;
	const char *seen; /* initials of the levels that are written */
} levels[] = {
	{ "error lets errors through alone", "error", LOG_LEVEL_ERROR, "e" },
	{ "warning lets warnings through too", "warning", LOG_LEVEL_WARNING,
	  "ew" },
	{ "info lets information through too", "info", LOG_LEVEL_INFO, "ewi" },
	{ "debug lets everything through", "debug", LOG_LEVEL_DEBUG, "ewid" },
};

static void limit_is_as_expected(void **state)
{
	const struct level_row *row = *state;
	const char *log = start_log();
	enum log_level level = LOG_LEVEL_ERROR;
	char seen[8] = "";

	assert_true(log_level_named(row->word, &level));
	assert_int_equal(level, row->level);
	log_limit(level);
	log_error("m");
	log_warning("m");
	log_info("m");
	log_debug("m");
	log_limit(LOG_LEVEL_INFO);
	log = end_log(log);
	for (const char *at = log; (at = strstr(at, "level=")); at++)
		strncat(seen, at + strlen("level="), 1);
	assert_string_equal(seen, row->seen);
}

static void other_words_are_no_levels(void)
{
	static const char *const words[] = { "",       "Info",  "err",
					     "errors", "info ", "trace" };
	enum log_level level = LOG_LEVEL_DEBUG;

	for (size_t i = 0; i < COUNT(words); i++)
		assert_false(log_level_named(words[i], &level));
	assert_int_equal(level, LOG_LEVEL_DEBUG);
}

/* ---- lines ---- */

static void a_message_is_a_sentence(void)
{
	const char *log = start_log();

	log_warning("%d of %s", 3, "4 workers");
	log = end_log(log);
	assert_contains(log, "level=warning msg=\"3 of 4 workers\"\n");
}

static void the_request_is_on_every_line_until_changed(void)
{
	const char *log = start_log();

	log_request("r1");
	log_info("a");
	log_info("b");
	log_request("r 2\n");
	log_info("c");
	log_request(NULL);
	log_info("d");
	log = end_log(log);
	assert_contains(log, "request_id=r1 msg=a\n");
	assert_contains(log, "request_id=r1 msg=b\n");
	assert_contains(log, "request_id=\"r 2\\x0a\" msg=c\n");
	assert_contains(log, "level=info msg=d\n");
}

static void a_line_begins_with_the_time(void)
{
	const char *log = start_log();
	int year, month, day, hour, minute, second, rest, length = 0;

	log_info("m");
	log = end_log(log);
	assert_int_equal(sscanf(log, "time=%4d-%2d-%2dT%2d:%2d:%2d.%3dZ %n",
				&year, &month, &day, &hour, &minute, &second,
				&rest, &length),
			 7);
	assert_string_equal(log + length, "level=info msg=m\n");
}

/* Read the writes to standard error one by one. */
static void with_packets(void (*speak)(void), void (*hear)(int))
{
	int ends[2];
	int saved = dup(STDERR_FILENO);

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	dup2(ends[1], STDERR_FILENO);
	assert_true(log_to("stderr"));
	speak();
	dup2(saved, STDERR_FILENO);
	assert_true(log_to("stderr"));
	close(saved);
	close(ends[1]);
	hear(ends[0]);
	close(ends[0]);
}

static size_t next_packet(int packets, char *text, size_t size)
{
	ssize_t length = recv(packets, text, size - 1, 0);

	assert_true(length >= 0);
	text[length] = '\0';
	return (size_t)length;
}

static void speak_twice(void)
{
	log_info("first of two");
	log_fields(LOG_LEVEL_ERROR,
		   (const struct log_field[]){
			   { "a", "1" }, { "b", "2 3" }, { NULL, NULL } });
}

static void hear_two_lines(int packets)
{
	char text[8192];

	next_packet(packets, text, sizeof text);
	assert_contains(text, "level=info msg=\"first of two\"\n");
	next_packet(packets, text, sizeof text);
	assert_contains(text, "level=error a=1 b=\"2 3\"\n");
	assert_int_equal(next_packet(packets, text, sizeof text), 0);
}

static void a_line_is_one_write(void)
{
	with_packets(speak_twice, hear_two_lines);
}

/* The value is longer than a line, and four times as long when escaped. */
static void speak_at_length(void)
{
	char *value = arena_alloc(arena, 100001);

	memset(value, '\n', 100000);
	log_fields(LOG_LEVEL_INFO,
		   (const struct log_field[]){ { "long", value },
					       { "last", "x" },
					       { NULL, NULL } });
	log_info("%s", value);
	log_info("short");
}

static void hear_whole_lines(int packets)
{
	static char text[1024 * 1024];

	for (int i = 0; i < 2; i++) {
		size_t length = next_packet(packets, text, sizeof text);

		assert_int_equal(strncmp(text, "time=", 5), 0);
		assert_contains(text, "=\"\\x0a\\x0a");
		assert_int_equal(strcspn(text, "\n"), length - 1);
	}
	next_packet(packets, text, sizeof text);
	assert_contains(text, "msg=short\n");
	assert_int_equal(next_packet(packets, text, sizeof text), 0);
}

static void a_long_line_is_cut_and_stays_one(void)
{
	with_packets(speak_at_length, hear_whole_lines);
}

/* A character must not be divided, or journald shows no text at all. */
static void a_cut_value_has_whole_characters(void)
{
	enum { LENGTH = 9000 };
	char *value = arena_alloc(arena, LENGTH + 1);
	const char *log, *cut;

	for (int offset = 0; offset < 3; offset++) {
		memset(value, 'x', LENGTH);
		for (int i = offset; i + 3 <= LENGTH; i += 3)
			memcpy(value + i, "\xe2\x82\xac", 3);
		log = start_log();
		log_fields(LOG_LEVEL_INFO,
			   (const struct log_field[]){ { "long", value },
						       { NULL, NULL } });
		log = end_log(log);
		cut = strstr(log, "...\"");
		assert_non_null(cut);
		assert_memory_equal(cut - 3, "\xe2\x82\xac", 3);
	}
}

/* ---- destinations ---- */

static void a_file_is_appended_to(void)
{
	const char *path = files_write("kept", "before\n");
	const char *log;

	assert_true(log_to(path));
	log_info("after");
	log = end_log(path);
	assert_int_equal(strncmp(log, "before\ntime=", 12), 0);
	assert_contains(log, "msg=after\n");
}

static void a_new_file_is_not_for_everybody(void)
{
	mode_t before = umask(0);
	struct stat status;
	const char *path = start_log();

	umask(before);
	end_log(path);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
}

static void speak_after_failing(void)
{
	errno = 0;
	assert_false(log_to(files_path("missing/log")));
	assert_int_equal(errno, ENOENT);
	log_info("still here");
}

static void hear_still_here(int packets)
{
	char text[1024];

	next_packet(packets, text, sizeof text);
	assert_contains(text, "msg=\"still here\"\n");
}

static void a_file_that_cannot_be_opened_changes_nothing(void)
{
	with_packets(speak_after_failing, hear_still_here);
}

/* ---- errno ---- */

static struct errno_row {
	const char *name;
	const char *destination; /* NULL: a file */
	enum log_level limit;
} errnos[] = {
	{ "errno outlives a line", NULL, LOG_LEVEL_DEBUG },
	{ "errno outlives a dropped line", NULL, LOG_LEVEL_ERROR },
	{ "errno outlives a full disk", "/dev/full", LOG_LEVEL_DEBUG },
};

static void errno_is_kept(void **state)
{
	const struct errno_row *row = *state;

	assert_true(log_to(row->destination ? row->destination
					    : files_path("errno")));
	log_limit(row->limit);
	errno = EXDEV;
	log_debug("%s", strerror(EAGAIN));
	assert_int_equal(errno, EXDEV);
	log_fields(LOG_LEVEL_INFO,
		   (const struct log_field[]){ { "a", "b" }, { NULL, NULL } });
	assert_int_equal(errno, EXDEV);
	log_request("r");
	log_request(NULL);
	log_limit(LOG_LEVEL_INFO);
	assert_int_equal(errno, EXDEV);
	assert_true(log_to("stderr"));
}

static struct unit_check first[] = {
	{ "nothing said, the limit is info", the_default_is_info },
};

static struct unit_check checks[] = {
	{ "other words are not levels", other_words_are_no_levels },
	{ "a message is a sentence", a_message_is_a_sentence },
	{ "the request is on every line until it is changed",
	  the_request_is_on_every_line_until_changed },
	{ "a line begins with the time", a_line_begins_with_the_time },
	{ "a stalled pipe does not block", stalled_pipe_stops_nobody },
	{ "a stalled socket does not block", stalled_socket_stops_nobody },
	{ "a full disk cuts no later line", full_disk_cuts_no_later_line },
	{ "the journal gets priorities", the_journal_gets_priorities },
	{ "another stream gets none", another_stream_gets_none },
	{ "a line is one write", a_line_is_one_write },
	{ "a long line is cut and stays one",
	  a_long_line_is_cut_and_stays_one },
	{ "a value that is cut has whole characters",
	  a_cut_value_has_whole_characters },
	{ "a file is appended to", a_file_is_appended_to },
	{ "a new file is not for everybody", a_new_file_is_not_for_everybody },
	{ "a file that cannot be opened changes nothing",
	  a_file_that_cannot_be_opened_changes_nothing },
};

int main(void)
{
	UNIT_CHECKS(first);
	UNIT_ROWS(values, value_is_as_expected);
	UNIT_ROWS(levels, limit_is_as_expected);
	UNIT_CHECKS(checks);
	UNIT_ROWS(errnos, errno_is_kept);
	return unit_run("log");
}
