/*
 * call_message.h - the messages between the hooks pool and its clients.
 *
 * The client connects to the pool's socket and sends one call.  The pool
 * answers with one reply and passes four descriptors with it.  Then neither
 * sends anything more.  The program runs for as long as the client keeps its
 * side of the connection open for writing, and the pool closes its side when no
 * process of the program is left.
 *
 * Both are processes of one host, so numbers have its byte order, and times are
 * those of its monotonic clock.
 */
#ifndef LIB_PROCESS_CALL_MESSAGE_H
#define LIB_PROCESS_CALL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/base.h"

struct arena;

struct call_message {
	const char *path;               /* absolute */
	const char *const *arguments;   /* its name first, NULL at the end */
	const char *const *environment; /* NULL at the end */
	const char *folder;             /* its working directory */
	int64_t deadline; /* time of clock_now() when it gets SIGTERM */
	int grace;        /* ms until it gets SIGKILL */
};

/* A call begins with this header.  Its texts follow, each terminated: path,
 * folder, arguments, environment. */
struct call_header {
	uint32_t version; /* CALL_VERSION */
	uint32_t length;  /* of the texts in bytes */
	int64_t deadline;
	int32_t grace;
	uint16_t arguments; /* their number */
	uint16_t environment;
};

enum {
	/* A new release increments it with each change of the messages.  The
	 * high bytes are unlikely in anything but a call. */
	CALL_VERSION = 0x50560001,
	CALL_LONGEST = 64 * 1024,   /* bytes of texts */
	CALL_MOST_TEXTS = 64,       /* arguments, and variables */
	CALL_LONGEST_GRACE = 60000, /* ms */
};

/* The descriptors that come with a reply to a call, named by what they carry:
 * the other ends of the program's standard input, output and error, and the
 * supervisor's reports. */
enum { CALL_INPUT, CALL_OUTPUT, CALL_ERRORS, CALL_REPORT, CALL_DESCRIPTORS };

struct call_reply {
	uint32_t version; /* CALL_VERSION */
	int32_t error;    /* errno: the call cannot be carried out; or 0 */
	uint32_t user;    /* who runs the program */
};

/* Return the bytes of a call: a header and its texts.  Return NULL if it
 * exceeds a limit. */
MUST_CHECK const char *call_message_write(struct arena *arena,
					  const struct call_message *call,
					  size_t *length);

/* Return true if the texts of a call with this header may be read. */
MUST_CHECK bool call_message_accepts(const struct call_header *header);

/* Read a call from a header that was accepted and its texts.  The call borrows
 * the texts.  Return false if they are malformed. */
MUST_CHECK bool call_message_read(struct arena *arena,
				  const struct call_header *header,
				  const char *texts, struct call_message *call);

/* Return true if a call has no path: the client only wants to know whether the
 * pool answers, so the reply has no descriptors. */
MUST_CHECK bool call_message_is_question(const struct call_message *call);

#endif
