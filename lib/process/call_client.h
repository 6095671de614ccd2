/*
 * call_client.h - asks the hooks pool to run a program.
 */
#ifndef LIB_PROCESS_CALL_CLIENT_H
#define LIB_PROCESS_CALL_CLIENT_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/base/base.h"
#include "lib/process/call_message.h"

struct arena;

struct call_client {
	const char *socket; /* the path of the pool's socket */
	int connection;     /* end-of-file: no process of the program is left */
	int descriptors[CALL_DESCRIPTORS]; /* non-blocking */
	uid_t user;                        /* who runs the program */
};

/*
 * Let the pool at client->socket run a program, and fill the other members; the
 * caller closes their descriptors.  Return NULL, or a text with the reason and
 * the remedy if the pool did not accept the call by the given time (of
 * clock_now()).  Then client has nothing to close, and the pool runs the
 * program at most for a moment.
 */
MUST_CHECK const char *call_client_start(struct call_client *client,
					 struct arena *arena,
					 const struct call_message *call,
					 int64_t until);

/* Return NULL after setting *user to the user of the pool, or the reason and
 * the remedy if the pool does not answer by the given time. */
MUST_CHECK const char *call_client_find_user(const char *socket,
					     struct arena *arena, int64_t until,
					     uid_t *user);

#endif
