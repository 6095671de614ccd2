#include "lib/auth/session_cookie.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/crypto/sealing.h"
#include "lib/text/json.h"
#include "lib/text/number.h"

/* Browsers accept this prefix only from the host itself, over HTTPS. */
#define COOKIE "__Host-provisor"

enum { MAX_VALUE = 4000 }; /* browsers store 4096 bytes, including the name */

static const struct sealing_place cookie_place = {
	.purpose = SEALING_SESSION,
	.table = "browsers",
	.row = "any",
	.column = "cookie",
};

/* Numbers are strings, because JSON's numbers would round them. */
static const char *format_cookie_number(struct arena *arena, int64_t number)
{
	return arena_number(arena, number);
}

const char *session_cookie_seal(const struct sealing_keys *keys,
				struct arena *arena,
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
	json_put_text(object, "event",
		      format_cookie_number(arena, session->event));
	json_put_text(object, "expires_at",
		      format_cookie_number(arena, session->expires_at));
	sealed = sealing_seal(keys, arena, cookie_place,
			      json_print(arena, object));
	return strlen(sealed) <= MAX_VALUE ? sealed : NULL;
}

static int64_t read_cookie_number(const struct json *object, const char *name)
{
	const char *text = json_text(json_member(object, name));
	int64_t number = 0;

	(void)!number_read(text, 0, INT64_MAX, &number);
	return number;
}

static bool open_cookie_value(const struct sealing_keys *keys,
			      struct arena *arena, const char *value,
			      int64_t now, struct session *session)
{
	const char *text = sealing_try_open(keys, arena, cookie_place, value);
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
		.event = read_cookie_number(object, "event"),
		.expires_at = read_cookie_number(object, "expires_at"),
	};
	return session->marketplace && session->addon && session->resource
		&& now < session->expires_at;
}

/* Return the value of the cookie of this length at text, or NULL if it is
 * another one. */
static const char *find_cookie_value(struct arena *arena, const char *text,
				     size_t length)
{
	const size_t name = strlen(COOKIE "=");

	if (length <= name || length > name + MAX_VALUE
	    || strncmp(text, COOKIE "=", name) != 0)
		return NULL;
	return arena_strndup(arena, text + name, length - name);
}

/* A browser may have a cookie of each kind of session_cookie_header(). */
bool session_cookie_open(const struct sealing_keys *keys, struct arena *arena,
			 const char *header, int64_t now,
			 struct session *session)
{
	const char *rest = header ? header : "";
	bool found = false;

	while (*rest) {
		size_t length = strcspn(rest, ";");
		const char *value = find_cookie_value(arena, rest, length);
		struct session one;

		if (value && open_cookie_value(keys, arena, value, now, &one)
		    && (!found || one.event > session->event)) {
			*session = one;
			found = true;
		}
		rest += length;
		rest += strspn(rest, "; ");
	}
	return found;
}

const char *session_cookie_header(struct arena *arena, const char *value,
				  int64_t max_age, bool is_framed)
{
	static const char set_cookie[] = "Set-Cookie: " COOKIE "=";

	return arena_join(arena, set_cookie, value, "; Path=/; Max-Age=",
			  arena_number(arena, max_age / 1000),
			  "; Secure; HttpOnly; SameSite=",
			  is_framed ? "None; Partitioned" : "Lax", "\r\n");
}

const char *session_cookie_deletion(struct arena *arena)
{
	return arena_join(arena, session_cookie_header(arena, "", 0, false),
			  session_cookie_header(arena, "", 0, true));
}
