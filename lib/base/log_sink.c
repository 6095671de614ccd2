#include "lib/base/log_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum { SYSLOG_HEADER = 64 };

enum sink_kind {
	SINK_FILE,   /* a file, a terminal, or a pipe that never blocks */
	SINK_PIPE,   /* a pipe that may block */
	SINK_SOCKET, /* the journal's */
	SINK_SYSLOG
};

static struct {
	enum sink_kind kind;
	int descriptor; /* -1: syslog is not connected */
	bool is_journal;
} sink = { .kind = SINK_FILE, .descriptor = STDERR_FILENO };

/* ---- standard error ---- */

/* systemd tells the device and inode of the stream to the journal, because
 * standard error may be another one now. */
static bool is_journal_stream(const struct stat *status)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char own[64];

	snprintf(own, sizeof own, "%ju:%ju", (uintmax_t)status->st_dev,
		 (uintmax_t)status->st_ino);
	return stream && strcmp(stream, own) == 0;
}

/* Other processes share standard error and may rely on waiting, so open a pipe
 * once more. */
static void use_pipe(void)
{
	int again = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC);

	sink.kind = again >= 0 ? SINK_FILE : SINK_PIPE;
	sink.descriptor = again >= 0 ? again : STDERR_FILENO;
}

static void use_stderr(void)
{
	struct stat status;

	sink.kind = SINK_FILE;
	sink.descriptor = STDERR_FILENO;
	sink.is_journal = false;
	if (fstat(STDERR_FILENO, &status) != 0)
		return;
	sink.is_journal = is_journal_stream(&status);
	if (S_ISSOCK(status.st_mode))
		sink.kind = SINK_SOCKET;
	else if (S_ISFIFO(status.st_mode))
		use_pipe();
}

/* ---- syslog ---- */

/* The C library's syslog() waits for a daemon that hangs. */
static bool connect_syslog(void)
{
	const struct sockaddr_un daemon = { AF_UNIX, "/dev/log" };

	sink.descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sink.descriptor < 0)
		return false;
	if (connect(sink.descriptor, (const struct sockaddr *)&daemon,
		    sizeof daemon)
	    == 0)
		return true;
	close(sink.descriptor);
	sink.descriptor = -1;
	return false;
}

static void use_syslog(void)
{
	sink.kind = SINK_SYSLOG;
	sink.is_journal = false;
	(void)connect_syslog(); /* or when the daemon runs */
}

/* The header of a message, as daemons on Linux expect it. */
static size_t write_syslog_header(char *header, int priority)
{
	time_t now = time(NULL);
	struct tm local;
	char stamp[32];

	localtime_r(&now, &local);
	strftime(stamp, sizeof stamp, "%b %e %H:%M:%S", &local);
	return (size_t)snprintf(header, SYSLOG_HEADER,
				"<%d>%s provisor[%d]: ", LOG_DAEMON | priority,
				stamp, (int)getpid());
}

static bool send_to_syslog(const struct msghdr *message)
{
	return sink.descriptor >= 0
		&& sendmsg(sink.descriptor, message,
			   MSG_DONTWAIT | MSG_NOSIGNAL)
		>= 0;
}

/* A daemon that was restarted has a new socket. */
static bool write_syslog(int priority, char *line, size_t length)
{
	char header[SYSLOG_HEADER];
	struct iovec parts[] = {
		{ header, write_syslog_header(header, priority) },
		{ line, length - 1 }, /* no newline */
	};
	const struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

	if (send_to_syslog(&message))
		return true;
	if (errno == EAGAIN)
		return false;
	if (sink.descriptor >= 0)
		close(sink.descriptor);
	return connect_syslog() && send_to_syslog(&message);
}

/* ---- files ---- */

static int open_log_file(const char *path, int flags)
{
	return open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK | flags,
		    0640);
}

/* The mode of a new file comes from the umask of the process that logs. */
bool log_sink_can_open(const char *path)
{
	int descriptor = open_log_file(path, 0);
	char *copy;
	bool can;

	if (descriptor >= 0)
		close(descriptor);
	if (descriptor >= 0 || errno != ENOENT)
		return descriptor >= 0;
	copy = strdup(path);
	can = copy && access(dirname(copy), W_OK | X_OK) == 0;
	free(copy);
	return can;
}

/* ---- all ---- */

bool log_sink_open(const char *destination)
{
	int descriptor;

	if (strcmp(destination, "stderr") == 0) {
		use_stderr();
		return true;
	}
	if (strcmp(destination, "syslog") == 0) {
		use_syslog();
		return true;
	}
	descriptor = open_log_file(destination, O_CREAT);
	if (descriptor < 0)
		return false;
	sink.kind = SINK_FILE;
	sink.descriptor = descriptor;
	sink.is_journal = false;
	return true;
}

bool log_sink_adds_time(void)
{
	return sink.kind == SINK_SYSLOG;
}

bool log_sink_is_journal(void)
{
	return sink.is_journal;
}

bool log_sink_may_be_cut(void)
{
	struct stat status;

	return sink.kind == SINK_FILE && fstat(sink.descriptor, &status) == 0
		&& S_ISREG(status.st_mode);
}

static ssize_t write_pipe(const char *line, size_t length)
{
	struct pollfd pipe = { .fd = sink.descriptor, .events = POLLOUT };

	if (poll(&pipe, 1, 0) == 1)
		return write(sink.descriptor, line, length);
	errno = EAGAIN;
	return -1;
}

static ssize_t write_bytes(const char *line, size_t length)
{
	switch (sink.kind) {
	case SINK_SOCKET:
		return send(sink.descriptor, line, length,
			    MSG_DONTWAIT | MSG_NOSIGNAL);
	case SINK_PIPE:
		return write_pipe(line, length);
	default:
		return write(sink.descriptor, line, length);
	}
}

/* A pipe takes a line as a whole or not at all, and so does a socket of the
 * journal that has room. */
bool log_sink_write(int priority, char *line, size_t length)
{
	ssize_t written;

	if (sink.kind == SINK_SYSLOG)
		return write_syslog(priority, line, length);
	written = write_bytes(line, length);
	if (0 <= written && written < (ssize_t)length)
		errno = ENOSPC;
	return written == (ssize_t)length;
}
