/*
 * session_cookie.h - the cookie that keeps a browser signed in.
 *
 * The cookie can be created and opened only with this host's keys.  This module
 * does not check whether the resource still exists, or whether its sessions
 * have been ended.
 */
#ifndef LIB_AUTH_SESSION_COOKIE_H
#define LIB_AUTH_SESSION_COOKIE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"

struct arena;
struct json;
struct sealing_keys;

struct session {
	const char *marketplace;
	const char *addon;
	const char *resource; /* our id */
	const char *user;     /* NULL: unknown, as for the next two */
	const char *email;
	const char *app;
	const struct json *values; /* from the vendor: an object of strings, or
				      NULL */
	int64_t event;             /* the id of the event of its sign-on */
	int64_t expires_at;        /* ms since 1970, by our clock */
};

/* Return the value of a cookie, or NULL if browsers would not store a value
 * that long. */
MUST_CHECK const char *session_cookie_seal(const struct sealing_keys *keys,
					   struct arena *arena,
					   const struct session *session);

/*
 * Read the session in a Cookie header (NULL: absent) at time now, in ms since
 * 1970.  Return false unless the header has a session that is authentic, sealed
 * with a key in keys, and not expired.  If it has several, the one of the last
 * sign-on counts.
 */
MUST_CHECK bool session_cookie_open(const struct sealing_keys *keys,
				    struct arena *arena, const char *header,
				    int64_t now, struct session *session);

/*
 * Return the Set-Cookie header that makes a browser store value for max_age
 * milliseconds.
 *
 * If is_framed, the browser also sends the cookie from a page that another site
 * shows in a frame, and keeps one for each such site (Partitioned).  A browser
 * that does not know Partitioned sends it with every request of another site,
 * too, if it allows third-party cookies: a form must therefore be checked
 * without the help of the cookie.
 */
const char *session_cookie_header(struct arena *arena, const char *value,
				  int64_t max_age, bool is_framed);

/* Return the headers that make a browser delete the cookie of either kind. */
const char *session_cookie_deletion(struct arena *arena);

#endif
