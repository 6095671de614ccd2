#include "unit.h"

#include "lib/addon/addon.h"
#include "lib/addon/addon_index.h"
#include "lib/addon/addons.h"
#include "lib/auth/basic_auth.h"

/* ---- add-ons ---- */

static const char *fast_passwords[] = { "todays-password",
					"yesterdays:pass:word" };
static const char *staging_passwords[] = { "staging-password" };
static const char *broken_passwords[] = { "broken-password" };
static const char *twin_passwords[][1] = { { "first-password" },
					   { "second-password" } };
static const char *umlaut_passwords[] = { "p\xc3\xa4ssword" };

static const char *heroku_segments[] = { "heroku", "resources" };
static const char *other_segments[] = { "other", "heroku", "resources" };

#define SECRETS(list)                                                          \
	{                                                                      \
		COUNT(list), list                                              \
	}
#define AT(list)                                                               \
	{                                                                      \
		COUNT(list), list, false                                       \
	}

/* clang-format off */
static struct addon list[] = {
	{ .id = "fast-db", .user = "fast-db",    .passwords = SECRETS(fast_passwords),    .resources = AT(heroku_segments), .is_valid = true },
	{ .id = "fast-db-staging", .user = "fast-db-staging", .passwords = SECRETS(staging_passwords), .resources = AT(heroku_segments), .is_valid = true },
	{ .id = "umlaut-db", .user = "umlaut-db",  .passwords = SECRETS(umlaut_passwords),  .resources = AT(heroku_segments), .is_valid = true },
	{ .id = "broken-db", .user = "broken-db",  .passwords = SECRETS(broken_passwords),  .has_password = true, .resources = AT(heroku_segments), .is_valid = false },
	{ .id = "mute-db", .user = "mute-db",    .passwords = { 0, NULL },                .resources = AT(heroku_segments), .is_valid = false },
	{ .id = "twin-db", .user = "twin-db",    .passwords = SECRETS(twin_passwords[0]), .has_password = true, .resources = AT(heroku_segments), .is_valid = false },
	{ .id = "twin-db", .user = "twin-db",    .passwords = SECRETS(twin_passwords[1]), .has_password = true, .resources = AT(heroku_segments), .is_valid = false },
	{ .id = "other-db", .user = "other-db",   .passwords = SECRETS(fast_passwords),    .resources = AT(other_segments),  .is_valid = true },
	{ .id = NULL,         .passwords = SECRETS(fast_passwords),    .resources = AT(heroku_segments), .is_valid = false },
	{ .id = "lost-db", .user = "lost-db",    .passwords = SECRETS(fast_passwords),    .resources = { 0 },               .is_valid = false },
};
/* clang-format on */

static const char *encode(const char *text)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz"
				       "0123456789+/";
	size_t length = strlen(text);
	char *encoded = arena_alloc(arena, length * 2 + 5);
	char *out = encoded;

	for (size_t i = 0; i < length; i += 3) {
		unsigned int bits = 0;

		for (size_t k = i; k < i + 3; k++)
			bits = bits << 8
				| (k < length ? (unsigned char)text[k] : 0);
		for (int shift = 18; shift >= 0; shift -= 6)
			*out++ = alphabet[bits >> shift & 63];
	}
	for (size_t missing = (3 - length % 3) % 3; missing > 0; missing--)
		out[-(ptrdiff_t)missing] = '=';
	return encoded;
}

static enum outcome judge(const char *header, const char *path, int unreadable,
			  const struct addon **addon, bool *is_old)
{
	struct addon *places[COUNT(list)];
	struct addons addons = {
		.arena = arena,
		.count = COUNT(list),
		.list = places,
		.unreadable = unreadable,
	};
	struct url_path called;

	for (size_t i = 0; i < COUNT(list); i++)
		places[i] = &list[i];
	addons_index(&addons);
	assert_int_equal(url_path_read(arena, path, strlen(path), &called),
			 OUTCOME_OK);
	return basic_auth_verify(&addons, &called, header, arena, addon,
				 is_old);
}

/* ---- credentials ---- */

#define MOUNT "/heroku/resources"

static struct credentials_row {
	const char *name;
	const char *credentials;
	const char *path;
	int unreadable;
	const char *expected;
	const char *addon; /* where it matters who */
} credentials[] = {
	{ "id and password are right", "fast-db:todays-password", MOUNT, 0,
	  "ok", "fast-db" },
	{ "another add-on at the same path is right too",
	  "fast-db-staging:staging-password", MOUNT, 0, "ok",
	  "fast-db-staging" },
	{ "a second password is right, with its colons",
	  "fast-db:yesterdays:pass:word", MOUNT, 0, "ok", "fast-db" },
	{ "a password may have non-ASCII characters",
	  "umlaut-db:p\xc3\xa4ssword", MOUNT, 0, "ok", "umlaut-db" },
	{ "the right password stays right while a home is unreadable",
	  "fast-db:todays-password", MOUNT, 1, "ok", "fast-db" },
	{ "the path with a slash is the same", "fast-db:todays-password",
	  MOUNT "/", 0, "ok", "fast-db" },
	{ "an add-on at another path is right there",
	  "other-db:todays-password", "/other" MOUNT, 0, "ok", "other-db" },

	{ "a wrong password is wrong", "fast-db:wrong", MOUNT, 0,
	  "unauthenticated", NULL },
	{ "an empty password is wrong", "fast-db:", MOUNT, 0, "unauthenticated",
	  NULL },
	{ "the beginning of a password is wrong", "fast-db:todays-passwor",
	  MOUNT, 0, "unauthenticated", NULL },
	{ "a longer password is wrong", "fast-db:todays-password1", MOUNT, 0,
	  "unauthenticated", NULL },
	{ "a password in upper case is wrong", "fast-db:Todays-Password", MOUNT,
	  0, "unauthenticated", NULL },
	{ "a password up to its colon is wrong", "fast-db:yesterdays", MOUNT, 0,
	  "unauthenticated", NULL },
	{ "another add-on's password is wrong", "fast-db:staging-password",
	  MOUNT, 0, "unauthenticated", NULL },
	{ "another add-on's password is wrong the other way round",
	  "fast-db-staging:todays-password", MOUNT, 0, "unauthenticated",
	  NULL },
	{ "an add-on at another path is wrong here", "other-db:todays-password",
	  MOUNT, 0, "unauthenticated", NULL },
	{ "an add-on of here is wrong at another path",
	  "fast-db:todays-password", "/other" MOUNT, 0, "unauthenticated",
	  NULL },
	{ "a path without add-ons is wrong", "fast-db:todays-password",
	  "/heroku", 0, "unauthenticated", NULL },
	{ "an unknown id is wrong", "slow-db:todays-password", MOUNT, 0,
	  "unauthenticated", NULL },
	{ "an id in upper case is wrong", "Fast-DB:todays-password", MOUNT, 0,
	  "unauthenticated", NULL },
	{ "an empty id is wrong", ":todays-password", MOUNT, 0,
	  "unauthenticated", NULL },
	{ "an id with a blank is wrong", "fast-db :todays-password", MOUNT, 0,
	  "unauthenticated", NULL },
	{ "credentials need a colon", "fast-dbtodays-password", MOUNT, 0,
	  "unauthenticated", NULL },
	{ "a colon alone is wrong", ":", MOUNT, 0, "unauthenticated", NULL },

	{ "an unknown id may belong to an unreadable home",
	  "slow-db:todays-password", MOUNT, 1, "unavailable", NULL },
	{ "a wrong password of a known id is wrong although a home is unreadable",
	  "fast-db:wrong", MOUNT, 1, "unauthenticated", NULL },
	{ "the right password of an invalid home has to wait",
	  "broken-db:broken-password", MOUNT, 0, "unavailable", "broken-db" },
	{ "a wrong password of an invalid home is wrong", "broken-db:wrong",
	  MOUNT, 0, "unauthenticated", NULL },
	{ "any password may be right if the home has none", "mute-db:whatever",
	  MOUNT, 0, "unavailable", "mute-db" },
	{ "the password of the first of two twins has to wait",
	  "twin-db:first-password", MOUNT, 0, "unavailable", "twin-db" },
	{ "the password of the second of two twins has to wait",
	  "twin-db:second-password", MOUNT, 0, "unavailable", "twin-db" },
	{ "a password of neither twin is wrong", "twin-db:wrong", MOUNT, 0,
	  "unauthenticated", NULL },
};

static void credentials_are_judged(void **state)
{
	const struct credentials_row *row = *state;
	const struct addon *addon = NULL;
	const char *header =
		arena_printf(arena, "Basic %s", encode(row->credentials));
	bool is_old;
	enum outcome outcome =
		judge(header, row->path, row->unreadable, &addon, &is_old);

	assert_string_equal(outcome_name(outcome), row->expected);
	if (outcome != OUTCOME_UNAUTHENTICATED)
		assert_text(addon ? addon->id : NULL, row->addon);
}

/* ---- passwords that are being rotated out ---- */

static struct old_row {
	const char *name;
	const char *credentials;
	const char *path;
	bool is_old;
} olds[] = {
	{ "today's password is not old", "fast-db:todays-password", MOUNT,
	  false },
	{ "a second password is old", "fast-db:yesterdays:pass:word", MOUNT,
	  true },
	{ "a wrong password is not old", "fast-db:wrong", MOUNT, false },
	{ "another add-on's old password is not old",
	  "fast-db-staging:yesterdays:pass:word", MOUNT, false },
	{ "an old password at another path is not old",
	  "fast-db:yesterdays:pass:word", "/other", false },
	{ "an old password of an add-on at another path is old there",
	  "other-db:yesterdays:pass:word", "/other" MOUNT, true },
	{ "a single password is not old", "fast-db-staging:staging-password",
	  MOUNT, false },
};

static void use_of_an_old_password_is_reported(void **state)
{
	const struct old_row *row = *state;
	const struct addon *addon;
	const char *header =
		arena_printf(arena, "Basic %s", encode(row->credentials));
	bool is_old = !row->is_old;

	judge(header, row->path, 0, &addon, &is_old);
	assert_bool(is_old, row->is_old);
}

/* ---- headers ---- */

/* fast-db:todays-password */
#define RIGHT "ZmFzdC1kYjp0b2RheXMtcGFzc3dvcmQ="

static struct header_row {
	const char *name;
	const char *header;
	bool is_right;
} headers[] = {
	{ "a header is read", "Basic " RIGHT, true },
	{ "the scheme may be in lower case", "basic " RIGHT, true },
	{ "the scheme may be in upper case", "BASIC " RIGHT, true },
	{ "there may be several blanks", "Basic   " RIGHT, true },
	{ "a header must be present", NULL, false },
	{ "a header must not be empty", "", false },
	{ "a scheme alone is malformed", "Basic", false },
	{ "a scheme with a blank is malformed", "Basic ", false },
	{ "another scheme is not Basic", "Bearer " RIGHT, false },
	{ "a longer scheme is not Basic", "Basics " RIGHT, false },
	{ "credentials without a scheme are malformed", RIGHT, false },
	{ "a blank must follow the scheme", "Basic" RIGHT, false },
	{ "a tab is not a blank", "Basic\t" RIGHT, false },
	{ "a leading blank is malformed", " Basic " RIGHT, false },
	{ "a trailing blank is malformed", "Basic " RIGHT " ", false },
	{ "a second header value is malformed", "Basic " RIGHT ", Basic " RIGHT,
	  false },
	{ "padding must not be missing",
	  "Basic ZmFzdC1kYjp0b2RheXMtcGFzc3dvcmQ", false },
	{ "plain credentials are malformed", "Basic fast-db:todays-password",
	  false },
	{ "base64 must be of its alphabet", "Basic ZmFzdC1kYjp0b2RheXM*",
	  false },
	{ "quoted credentials are malformed", "Basic \"" RIGHT "\"", false },
	/* fast-db:todays-password and a zero byte */
	{ "a zero byte does not end a password",
	  "Basic ZmFzdC1kYjp0b2RheXMtcGFzc3dvcmQA", false },
	/* fast-db, a zero byte, :todays-password */
	{ "a zero byte does not end an id",
	  "Basic ZmFzdC1kYgA6dG9kYXlzLXBhc3N3b3Jk", false },
};

static void header_is_judged(void **state)
{
	const struct header_row *row = *state;
	const struct addon *addon = NULL;
	bool is_old = true;
	enum outcome outcome = judge(row->header, MOUNT, 0, &addon, &is_old);

	assert_string_equal(outcome_name(outcome),
			    row->is_right ? "ok" : "unauthenticated");
	assert_false(is_old);
	if (row->is_right) {
		assert_text(addon->id, "fast-db");
		return;
	}
	/* The request names no user, so it cannot be for a home with errors. */
	outcome = judge(row->header, MOUNT, 1, &addon, &is_old);
	assert_string_equal(outcome_name(outcome), "unauthenticated");
}

static void a_huge_header_is_refused(void)
{
	const struct addon *addon;
	bool is_old;
	char *header = arena_alloc(arena, 1000001);
	enum outcome outcome;

	memset(header, 'A', 1000000);
	memcpy(header, "Basic ", 6);
	outcome = judge(header, MOUNT, 0, &addon, &is_old);
	assert_string_equal(outcome_name(outcome), "unauthenticated");
}

static void without_addons_no_credentials_are_right(void)
{
	struct addons none = { .arena = arena };
	struct url_path path;
	const struct addon *addon;
	bool is_old;
	enum outcome outcome;

	assert_int_equal(url_path_read(arena, MOUNT, strlen(MOUNT), &path),
			 OUTCOME_OK);
	addons_index(&none);
	outcome = basic_auth_verify(&none, &path, "Basic " RIGHT, arena, &addon,
				    &is_old);
	assert_string_equal(outcome_name(outcome), "unauthenticated");
}

static struct unit_check checks[] = {
	{ "a huge header is refused", a_huge_header_is_refused },
	{ "without add-ons no credentials are right",
	  without_addons_no_credentials_are_right },
};

int main(void)
{
	UNIT_ROWS(credentials, credentials_are_judged);
	UNIT_ROWS(olds, use_of_an_old_password_is_reported);
	UNIT_ROWS(headers, header_is_judged);
	UNIT_CHECKS(checks);
	return unit_run("basic_auth");
}
