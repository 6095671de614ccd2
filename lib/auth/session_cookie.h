/*
 * session_cookie.h - what a browser keeps to show that it was signed on.
 *
 * It is a cookie that only this host's keys open.  Whether its resource lives
 * still, and whether its customer has ended all sessions since, is not known
 * here.
 */
#ifndef LIB_AUTH_SESSION_COOKIE_H
#define LIB_AUTH_SESSION_COOKIE_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct json;
struct sealing_keys;

struct session {
	const char *marketplace;
	const char *addon;
	const char *resource; /* its id is ours */
	const char *user;     /* these three: NULL, where nobody said */
	const char *email;
	const char *app;
	const struct json *values; /* what the vendor adds: an object of texts;
				      NULL: nothing */
	int64_t issued_at;         /* us since 1970, by the database's clock */
	int64_t expires_at;        /* ms since 1970, by ours */
};

/* The cookie's value.  NULL when that would be longer than browsers keep. */
const char *session_write(const struct sealing_keys *keys, struct arena *arena,
			  const struct session *session);

/*
 * The session that a Cookie header (NULL: none) has at this time, in ms since
 * 1970.  False when it has none: altered, sealed with a key that is gone, or
 * expired.
 */
bool session_read(const struct sealing_keys *keys, struct arena *arena,
		  const char *header, int64_t now, struct session *session);

/*
 * The line of an answer's head that has the browser keep value for so many
 * milliseconds; with "" and 0 it forgets.
 */
const char *session_cookie(struct arena *arena, const char *value, int64_t age);

#endif
