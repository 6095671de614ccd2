/*
 * timeline.h - refuses a server that has fallen behind.
 *
 * After a failover, the promoted server has a higher timeline than the old
 * primary.  If the old one comes back as a primary, it could store what the
 * promoted server never gets, over a new connection or over one that was open
 * all the time.  So the processes of a host remember the newest timeline that
 * one of them has seen, in a file that they map (timeline_file.h).
 *
 * A server with an older timeline is refused, unless an operator has accepted
 * its epoch since (store/epoch.h): a restored backup may have one.
 */
#ifndef LIB_DB_TIMELINE_H
#define LIB_DB_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"

struct arena;
struct pg_conn; /* libpq's PGconn */

/* What a server has reported. */
struct timeline {
	uint64_t cluster;     /* its system identifier */
	uint64_t number;      /* 0: unknown */
	uint64_t accepted_at; /* of its newest accepted epoch, in us */
};

/* Remember timelines in the file at path, which is borrowed.  Without this
 * call, every server is accepted. */
void timeline_remember(const char *path);

/*
 * Ask the server of a connection for its timeline, by limit (of clock_now()),
 * and set *server to it.  Return NULL if it is accepted.  It is also accepted
 * if it cannot report a timeline (it has no tables yet, or the role may not
 * ask), or if the file cannot be used.  Otherwise, for example if it does not
 * reply in time, return the reason, in the arena: the connection cannot be
 * used.
 */
MUST_CHECK const char *timeline_refusal(struct pg_conn *connection,
					struct arena *arena, int64_t limit,
					struct timeline *server);

/*
 * Return true if this host has seen a newer timeline than that of a server
 * which was accepted when its connection was opened.  This takes no system
 * call.
 */
MUST_CHECK bool timeline_is_behind(const struct timeline *server);

/* Notice, at most once in ten seconds, that the file has been replaced.  A file
 * that was removed stays in force until a server is asked. */
void timeline_refresh(int64_t now);

/* Return true once in every milliseconds for all processes of this host. */
MUST_CHECK bool timeline_take_look(int64_t now, int64_t every);

#endif
