#include "lib/auth/session_cookie.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/text/json.h"
#include "lib/crypto/sealing.h"
#include "lib/text/number.h"

/* The prefix lets nobody but this very host set it. */
#define COOKIE "__Host-provisor"

enum { LONGEST_VALUE = 4000 }; /* browsers keep 4096 bytes, with the name */

static const struct sealing_place place = {
	SEALING_SESSION,
	"browsers",
	"any",
	"cookie",
};

/* Moments are texts: JSON's numbers would round them. */
static const char *moment(struct arena *arena, int64_t time)
{
	return arena_printf(arena, "%" PRId64, time);
}

const char *session_write(const struct sealing_keys *keys, struct arena *arena,
			  const struct session *session)
{
	struct json *object = json_object(arena);
	const char *sealed;

	json_put_text(object, "marketplace", session->marketplace);
	json_put_text(object, "addon", session->addon);
	json_put_text(object, "resource", session->resource);
	json_put_text(object, "user", session->user);
	json_put_text(object, "email", session->email);
	json_put_text(object, "app", session->app);
	if (session->values)
		json_put(object, "values", session->values);
	json_put_text(object, "issued_at", moment(arena, session->issued_at));
	json_put_text(object, "expires_at", moment(arena, session->expires_at));
	sealed = sealing_seal(keys, arena, place, json_print(arena, object));
	return strlen(sealed) <= LONGEST_VALUE ? sealed : NULL;
}

static int64_t read_moment(const struct json *object, const char *name)
{
	const char *text = json_text(json_member(object, name));
	int64_t moment = 0;

	(void)!number_read(text, 0, INT64_MAX, &moment);
	return moment;
}

/* What a release of ours has written. */
static bool read_value(const struct sealing_keys *keys, struct arena *arena,
		       const char *value, int64_t now, struct session *session)
{
	const char *text = sealing_try_open(keys, arena, place, value);
	const char *why;
	const struct json *object =
		text ? json_parse(arena, text, strlen(text), &why) : NULL;

	*session = (struct session){
		.marketplace = json_text(json_member(object, "marketplace")),
		.addon = json_text(json_member(object, "addon")),
		.resource = json_text(json_member(object, "resource")),
		.user = json_text(json_member(object, "user")),
		.email = json_text(json_member(object, "email")),
		.app = json_text(json_member(object, "app")),
		.values = json_member(object, "values"),
		.issued_at = read_moment(object, "issued_at"),
		.expires_at = read_moment(object, "expires_at"),
	};
	return session->marketplace && session->addon && session->resource
		&& now < session->expires_at;
}

/* Of several with that name the first that is good counts. */
bool session_read(const struct sealing_keys *keys, struct arena *arena,
		  const char *header, int64_t now, struct session *session)
{
	const char *rest = header ? header : "";

	while (*rest) {
		size_t length = strcspn(rest, ";");
		const char *value = rest + strlen(COOKIE "=");

		if (length > strlen(COOKIE "=")
		    && length <= strlen(COOKIE "=") + LONGEST_VALUE
		    && strncmp(rest, COOKIE "=", strlen(COOKIE "=")) == 0
		    && read_value(keys, arena,
				  arena_strndup(arena, value,
						length - strlen(COOKIE "=")),
				  now, session))
			return true;
		rest += length;
		rest += strspn(rest, "; ");
	}
	return false;
}

const char *session_cookie(struct arena *arena, const char *value, int64_t age)
{
	return arena_printf(arena,
			    "Set-Cookie: " COOKIE
			    "=%s; Path=/; Max-Age=%" PRId64
			    "; Secure; HttpOnly; SameSite=Lax\r\n",
			    value, age / 1000);
}
