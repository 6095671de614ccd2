/*
 * logplex.h - lines for a customer's log, in the frames of
 * application/logplex-1.
 *
 * A frame is a count of bytes, a blank, and a message of RFC 5424
 * ("<190>1 TIME HOST APP PROCESS - - LINE"), with nothing between two of them
 * (RFC 6587, section 3.4.1).  Heroku's printed examples count wrong.
 */
#ifndef LIB_PLATFORM_LOGPLEX_H
#define LIB_PLATFORM_LOGPLEX_H

#include <stddef.h>
#include <stdint.h>

struct arena;

/* Who says it.  Whatever is no visible ASCII character becomes "-", as does an
 * empty text. */
struct logplex_source {
	const char *host;
	const char *app;
	const char *process;
};

/*
 * The frames of count lines, said at a moment in seconds since 1970; *size is
 * their length in bytes.  Control bytes of a line become blanks, so that a
 * line stays one.
 */
const char *logplex_frames(struct arena *arena,
			   const struct logplex_source *source, int64_t moment,
			   const char *const lines[], int count, size_t *size);

#endif
