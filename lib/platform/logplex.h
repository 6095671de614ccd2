/*
 * logplex.h - writes lines for a customer's log (application/logplex-1).
 *
 * A frame is a number of bytes, a blank, and a message of RFC 5424:
 * "<190>1 TIME HOST APP PROCESS - - LINE".  Nothing separates two frames
 * (RFC 6587, section 3.4.1).  The numbers in Heroku's examples are wrong.
 */
#ifndef LIB_PLATFORM_LOGPLEX_H
#define LIB_PLATFORM_LOGPLEX_H

#include <stddef.h>
#include <stdint.h>

struct arena;

/* The source of the lines.  A character that is not printable ASCII, and an
 * empty text, becomes "-". */
struct logplex_source {
	const char *host;
	const char *app;
	const char *process;
};

/*
 * Return the frames of count lines and their size in bytes.  moment is the time
 * of the lines in seconds since 1970.  A control character becomes a blank, so
 * that a line stays one line.
 */
const char *logplex_frames(struct arena *arena,
			   const struct logplex_source *source, int64_t moment,
			   const char *const lines[], int count, size_t *size);

#endif
