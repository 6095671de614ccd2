#include "keys.h"

#include "lib/auth/form_token.h"

#define NOW INT64_C(1700000000000)
#define MINUTE INT64_C(60000)
#define KEY "k1:" KEYS_A "\n"

static const struct form_token rotate = {
	.actor = "console:jane",
	.act = "rotate",
	.target = "4b922d1d-f1d2-4fa9-9e6a-95f8f1aa58fb",
};

static const char *seal_one(const struct sealing_keys *keys)
{
	return form_token_seal(keys, arena, &rotate, NOW + MINUTE,
			       "a text, \xc3\xbc");
}

static void a_token_has_its_text(void)
{
	struct sealing_keys *keys = keys_open(KEY);

	assert_text(form_token_open(keys, arena, &rotate, NOW, seal_one(keys)),
		    "a text, \xc3\xbc");
	assert_text(form_token_open(
			    keys, arena, &rotate, NOW,
			    form_token_seal(keys, arena, &rotate, NOW + 1, "")),
		    "");
}

static void a_token_expires(void)
{
	struct sealing_keys *keys = keys_open(KEY);

	assert_non_null(form_token_open(keys, arena, &rotate, NOW + MINUTE - 1,
					seal_one(keys)));
	assert_null(form_token_open(keys, arena, &rotate, NOW + MINUTE,
				    seal_one(keys)));
}

static void a_token_is_bound(void)
{
	static const struct form_token others[] = {
		{ "console:joe", "rotate",
		  "4b922d1d-f1d2-4fa9-9e6a-95f8f1aa58fb" },
		{ "console:jane", "deprovision",
		  "4b922d1d-f1d2-4fa9-9e6a-95f8f1aa58fb" },
		{ "console:jane", "rotate",
		  "4b922d1d-f1d2-4fa9-9e6a-95f8f1aa58fc" },
		{ "console:jane", "", "" },
		/* The same bytes, divided in another way. */
		{ "jane",
		  "rotate\nconsole:", "4b922d1d-f1d2-4fa9-9e6a-95f8f1aa58fb" },
	};
	struct sealing_keys *keys = keys_open(KEY);

	for (size_t i = 0; i < COUNT(others); i++)
		assert_null(form_token_open(keys, arena, &others[i], NOW,
					    seal_one(keys)));
}

static void other_text_is_not_a_token(void)
{
	static const char *const texts[] = {
		NULL, "", "1", "1.k1.", "1.k1.AAAA", "1.k2.AAAA", "\xff",
	};
	struct sealing_keys *keys = keys_open(KEY);
	char *altered = arena_strdup(arena, seal_one(keys));

	for (size_t i = 0; i < COUNT(texts); i++)
		assert_null(
			form_token_open(keys, arena, &rotate, NOW, texts[i]));
	altered[strlen(altered) - 3] ^= 1;
	assert_null(form_token_open(keys, arena, &rotate, NOW, altered));
}

static void another_hosts_key_creates_no_token(void)
{
	const char *foreign = seal_one(keys_open("k1:" KEYS_B "\n"));

	assert_null(
		form_token_open(keys_open(KEY), arena, &rotate, NOW, foreign));
}

static struct unit_check checks[] = {
	{ "a token has its text", a_token_has_its_text },
	{ "a token expires", a_token_expires },
	{ "a token is bound to actor, act and target", a_token_is_bound },
	{ "other text is not a token", other_text_is_not_a_token },
	{ "a key of another host creates no token",
	  another_hosts_key_creates_no_token },
};

int main(void)
{
	UNIT_CHECKS(checks);
	return unit_run("form_token");
}
