/* Only the cookie that was sealed opens, and it opens as it was sealed.  In the
 * input, {} stands for that cookie. */
#include "fuzz.h"

#include <string.h>

#include "lib/auth/session_cookie.h"
#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/crypto/sealing_keys.h"

enum { NOW = 1000, EXPIRY = 2000 };

static const char keys_file[] =
	"k:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

static const struct session sealed_session = {
	.marketplace = "heroku",
	.addon = "one",
	.resource = "r",
	.email = "a@x",
	.event = 7,
	.expires_at = EXPIRY,
};

static struct sealing_keys *open_cookie_keys(struct arena *arena)
{
	struct findings findings = { .arena = arena };
	struct sealing_keys *keys = sealing_keys_open(
		fuzz_write(arena, "keys", keys_file, strlen(keys_file)),
		&findings);

	assert(keys);
	return keys;
}

/* Replace each {} by the cookie. */
static const char *fill_in_cookie(struct arena *arena, const char *text,
				  const char *cookie)
{
	const char *filled = "", *at;

	for (; (at = strstr(text, "{}")); text = at + strlen("{}"))
		filled = arena_printf(arena, "%s%.*s%s", filled,
				      (int)(at - text), text, cookie);
	return arena_printf(arena, "%s%s", filled, text);
}

static void assert_as_sealed(const struct session *session)
{
	assert(strcmp(session->marketplace, sealed_session.marketplace) == 0);
	assert(strcmp(session->addon, sealed_session.addon) == 0);
	assert(strcmp(session->resource, sealed_session.resource) == 0);
	assert(strcmp(session->email, sealed_session.email) == 0);
	assert(!session->user && !session->app && !session->values);
	assert(session->event == sealed_session.event);
	assert(session->expires_at == sealed_session.expires_at);
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	static struct sealing_keys *keys;
	const char *cookie, *header;
	struct session session;

	if (!keys)
		keys = open_cookie_keys(arena);
	if (strlen(text) != length)
		return;
	cookie = session_cookie_seal(keys, arena, &sealed_session);
	assert(cookie);
	header = fill_in_cookie(arena, text, cookie);
	if (session_cookie_open(keys, arena, header, NOW, &session)) {
		assert(strstr(text, "__Host-provisor={}"));
		assert_as_sealed(&session);
	}
	assert(!session_cookie_open(keys, arena, header, EXPIRY, &session));
}
