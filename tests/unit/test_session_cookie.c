#include "keys.h"

#include "lib/auth/session_cookie.h"
#include "lib/crypto/sealing.h"
#include "lib/text/json.h"

#define NOW INT64_C(1700000000000)
#define HOUR INT64_C(3600000)
#define KEY "k1:" KEYS_A "\n"
#define NEW_KEY "k2:HxwdHhsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=\n"

static struct session valid_session(void)
{
	return (struct session){
		.marketplace = "heroku",
		.addon = "fast-db",
		.resource = "4b922d1d-f1d2-4fa9-9e6a-95f8f1aa58fb",
		.user = "9f8e7d6c-5b4a-4321-8765-0123456789ab",
		.email = "jane.doe+heroku@example.com",
		.app = "my \"app\"; \xc3\xbc",
		.event = INT64_C(1700000000123457),
		.expires_at = NOW + HOUR,
	};
}

static const char *write_one(const struct sealing_keys *keys)
{
	const struct session session = valid_session();

	return session_cookie_seal(keys, arena, &session);
}

/* ---- sealing and opening ---- */

static void a_sealed_session_opens(void)
{
	struct sealing_keys *keys = keys_open(KEY);
	struct session session = valid_session(), read;
	struct json *values = json_object(arena);
	const char *value;

	json_put_text(values, "role", "owner");
	session.values = values;
	value = session_cookie_seal(keys, arena, &session);
	assert_true(session_cookie_open(
		keys, arena, arena_printf(arena, "__Host-provisor=%s", value),
		NOW, &read));
	assert_text(read.marketplace, session.marketplace);
	assert_text(read.addon, session.addon);
	assert_text(read.resource, session.resource);
	assert_text(read.user, session.user);
	assert_text(read.email, session.email);
	assert_text(read.app, session.app);
	assert_text(json_print(arena, read.values), "{\"role\":\"owner\"}");
	assert_int_equal(read.event, session.event);
	assert_int_equal(read.expires_at, session.expires_at);
}

static void an_absent_member_stays_absent(void)
{
	struct sealing_keys *keys = keys_open(KEY);
	struct session session = valid_session(), read;

	session.user = session.email = session.app = NULL;
	assert_true(session_cookie_open(
		keys, arena,
		arena_printf(arena, "__Host-provisor=%s",
			     session_cookie_seal(keys, arena, &session)),
		NOW, &read));
	assert_null(read.user);
	assert_null(read.email);
	assert_null(read.app);
	assert_null(read.values);
}

static void a_cookie_shows_none_of_its_content(void)
{
	const char *value = write_one(keys_open(KEY));

	assert_lacks(value, "fast-db");
	assert_lacks(value, "jane");
	assert_int_equal(value[strspn(value,
				      "0123456789.-_"
				      "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ")],
			 '\0');
}

/* ---- headers; %s stands for a valid value ---- */

static struct header_row {
	const char *name;
	const char *header;
	bool expected;
} headers[] = {
	{ "a cookie alone is read", "__Host-provisor=%s", true },
	{ "other cookies may come first", "a=b; __Host-provisor=%s", true },
	{ "other cookies may follow", "__Host-provisor=%s; a=b", true },
	{ "a blank between may be missing", "a=b;__Host-provisor=%s", true },
	{ "an invalid cookie before it does not matter",
	  "__Host-provisor=1.k1.bad; __Host-provisor=%s", true },
	{ "an empty header has no session", "", false },
	{ "an empty value is not a session", "__Host-provisor=", false },
	{ "a name alone is not a session", "__Host-provisor", false },
	{ "the case of the name matters", "__host-provisor=%s", false },
	{ "a longer name that begins with it is another", "__Host-provisor2=%s",
	  false },
	{ "the value of another cookie is not a session",
	  "a=__Host-provisor=%s", false },
	{ "a longer name that ends with it is another", "x__Host-provisor=%s",
	  false },
	{ "a quoted value is not a session", "__Host-provisor=\"%s\"", false },
	{ "an appended character invalidates it", "__Host-provisor=%sA",
	  false },
	{ "a prepended character invalidates it", "__Host-provisor=A%s",
	  false },
};

static void header_is_as_expected(void **state)
{
	const struct header_row *row = *state;
	struct sealing_keys *keys = keys_open(KEY);
	const char *at = strstr(row->header, "%s");
	const char *header = row->header;
	struct session session;

	if (at)
		header =
			arena_printf(arena, "%.*s%s%s", (int)(at - row->header),
				     row->header, write_one(keys), at + 2);
	assert_bool(session_cookie_open(keys, arena, header, NOW, &session),
		    row->expected);
}

static void an_absent_header_has_no_session(void)
{
	struct session session;

	assert_false(session_cookie_open(keys_open(KEY), arena, NULL, NOW,
					 &session));
}

static void any_altered_character_invalidates_it(void)
{
	struct sealing_keys *keys = keys_open(KEY);
	const char *value = write_one(keys);
	struct session session;

	for (size_t i = 0; i < strlen(value); i++) {
		char *altered =
			arena_printf(arena, "__Host-provisor=%s", value);
		char *at = altered + strlen("__Host-provisor=") + i;

		*at = *at == 'A' ? 'B' : 'A';
		assert_false(session_cookie_open(keys, arena, altered, NOW,
						 &session));
	}
}

static void any_shorter_text_is_invalid(void)
{
	struct sealing_keys *keys = keys_open(KEY);
	const char *value = write_one(keys);
	struct session session;

	for (int i = 0; i < (int)strlen(value); i++)
		assert_false(session_cookie_open(
			keys, arena,
			arena_printf(arena, "__Host-provisor=%.*s", i, value),
			NOW, &session));
}

static void what_is_sealed_for_elsewhere_is_none(void)
{
	struct sealing_keys *keys = keys_open(KEY);
	const struct sealing_place elsewhere = { SEALING_CONFIG, "browsers",
						 "any", "cookie", NULL };
	const char *sealed = sealing_seal(
		keys, arena, elsewhere,
		"{\"marketplace\":\"a\",\"addon\":\"b\",\"resource\":\"c\","
		"\"expires_at\":\"9999999999999\"}");
	struct session session;

	assert_false(session_cookie_open(
		keys, arena, arena_printf(arena, "__Host-provisor=%s", sealed),
		NOW, &session));
}

/* ---- expiry ---- */

static struct age_row {
	const char *name;
	int64_t now;
	bool expected;
} ages[] = {
	{ "a session is valid at once", NOW, true },
	{ "a session is valid to its last millisecond", NOW + HOUR - 1, true },
	{ "a session expires", NOW + HOUR, false },
	{ "a session stays expired", NOW + 1000 * HOUR, false },
};

static void age_is_judged(void **state)
{
	const struct age_row *row = *state;
	struct sealing_keys *keys = keys_open(KEY);
	struct session session;

	assert_bool(
		session_cookie_open(keys, arena,
				    arena_printf(arena, "__Host-provisor=%s",
						 write_one(keys)),
				    row->now, &session),
		row->expected);
}

/* ---- keys ---- */

static void an_older_key_still_opens(void)
{
	const char *value = write_one(keys_open(KEY));
	struct session session;

	assert_true(session_cookie_open(
		keys_open(NEW_KEY KEY), arena,
		arena_printf(arena, "__Host-provisor=%s", value), NOW,
		&session));
}

static void a_removed_key_does_not_open(void)
{
	const char *value = write_one(keys_open(KEY));
	struct session session;

	assert_false(session_cookie_open(
		keys_open(NEW_KEY), arena,
		arena_printf(arena, "__Host-provisor=%s", value), NOW,
		&session));
}

/* ---- size ---- */

static void what_no_browser_keeps_is_not_written(void)
{
	struct session session = valid_session();
	char *app = arena_alloc(arena, 4001);

	memset(app, 'a', 4000);
	session.app = app;
	assert_null(session_cookie_seal(keys_open(KEY), arena, &session));
}

enum { LARGEST_VALUES = 768 }; /* bytes of JSON: answer_rules.h */

static void the_largest_values_fit(void)
{
	struct session session = valid_session();
	struct json *values = json_object(arena);
	char text[LARGEST_VALUES + 1] = "";

	memset(text, 'v', LARGEST_VALUES - strlen("{\"v\":\"\"}"));
	json_put_text(values, "v", text);
	session.values = values;
	assert_non_null(session_cookie_seal(keys_open(KEY), arena, &session));
}

/* ---- attributes ---- */

static void a_cookie_has_its_attributes(void)
{
	assert_text(session_cookie_header(arena, "abc", HOUR, false),
		    "Set-Cookie: __Host-provisor=abc; Path=/; Max-Age=3600; "
		    "Secure; HttpOnly; SameSite=Lax\r\n");
	assert_text(session_cookie_header(arena, "abc", HOUR, true),
		    "Set-Cookie: __Host-provisor=abc; Path=/; Max-Age=3600; "
		    "Secure; HttpOnly; SameSite=None; Partitioned\r\n");
}

static void both_kinds_are_deleted(void)
{
	assert_text(session_cookie_deletion(arena),
		    "Set-Cookie: __Host-provisor=; Path=/; Max-Age=0; "
		    "Secure; HttpOnly; SameSite=Lax\r\n"
		    "Set-Cookie: __Host-provisor=; Path=/; Max-Age=0; "
		    "Secure; HttpOnly; SameSite=None; Partitioned\r\n");
}

/* ---- several cookies ---- */

static const char *write_event(const struct sealing_keys *keys, int64_t event)
{
	struct session session = valid_session();

	session.event = event;
	return session_cookie_seal(keys, arena, &session);
}

static void the_last_sign_on_counts(void)
{
	struct sealing_keys *keys = keys_open(KEY);
	const char *first = write_event(keys, 7), *last = write_event(keys, 8);
	struct session session;

	assert_true(session_cookie_open(
		keys, arena,
		arena_printf(arena, "__Host-provisor=%s; __Host-provisor=%s",
			     first, last),
		NOW, &session));
	assert_int_equal(session.event, 8);
	assert_true(session_cookie_open(
		keys, arena,
		arena_printf(arena,
			     "__Host-provisor=%s; __Host-provisor=%s; "
			     "__Host-provisor=x",
			     last, first),
		NOW, &session));
	assert_int_equal(session.event, 8);
}

static struct unit_check checks[] = {
	{ "a sealed session opens", a_sealed_session_opens },
	{ "an absent member stays absent", an_absent_member_stays_absent },
	{ "a cookie shows none of its content",
	  a_cookie_shows_none_of_its_content },
	{ "an absent header has no session", an_absent_header_has_no_session },
	{ "any altered character invalidates it",
	  any_altered_character_invalidates_it },
	{ "any shorter text is invalid", any_shorter_text_is_invalid },
	{ "a value sealed for another purpose is invalid",
	  what_is_sealed_for_elsewhere_is_none },
	{ "an older key still opens", an_older_key_still_opens },
	{ "without its key, a value does not open",
	  a_removed_key_does_not_open },
	{ "a value too long for browsers is refused",
	  what_no_browser_keeps_is_not_written },
	{ "the largest values fit", the_largest_values_fit },
	{ "a cookie has its attributes", a_cookie_has_its_attributes },
	{ "cookies of both kinds are deleted", both_kinds_are_deleted },
	{ "of several cookies, the last sign-on counts",
	  the_last_sign_on_counts },
};

int main(void)
{
	UNIT_ROWS(headers, header_is_as_expected);
	UNIT_ROWS(ages, age_is_judged);
	UNIT_CHECKS(checks);
	return unit_run("session");
}
