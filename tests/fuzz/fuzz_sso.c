/* A browser signs on only as a customer whom the marketplace has signed.  In
 * the input, a form, {0} to {9} stand for tokens of the marketplace. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/auth/sso.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/crypto/digest.h"
#include "lib/text/form.h"

enum { ADDONS = 3, NOW = 1700000000, LONGEST_FORM = 2000, TOKEN_TIME = 300 };

/* A token: its add-on and its number in the dialect, and what it signs. */
static const struct issued_token {
	int addon;
	int number;
	const char *id, *time, *user, *email;
} issued_tokens[] = {
	{ 0, 0, "aaaaaaaa-0000-4000-8000-000000000001", "1700000000", "u1",
	  "a@x" },
	{ 0, 1, "aaaaaaaa-0000-4000-8000-000000000001", "1700000000", NULL,
	  NULL },
	{ 0, 0, "aaaaaaaa-0000-4000-8000-000000000002", "1699999800", "u2",
	  "b:c@x" },
	{ 0, 1, "aaaaaaaa-0000-4000-8000-000000000002", "1699999800", NULL,
	  NULL },
	{ 0, 1, "aaaaaaaa-0000-4000-8000-000000000003", "1600000000", NULL,
	  NULL },
	{ 1, 0, "1", "1700000000", NULL, NULL },
	{ 1, 0, "1:1700000000", "1700000000", NULL, NULL },
	{ 1, 0, "22", "1699999999", NULL, NULL },
	{ 2, 0, "dep1", "1700000000", NULL, NULL },
	{ 2, 0, "22", "1700000000", NULL, NULL },
};

static const char *salts[ADDONS] = { "salt-of-the-first-0123456789",
				     "salt-of-the-second-012345678",
				     "salt-of-the-third-0123456789" };
static struct addon sold[ADDONS];
static struct addon *list[ADDONS] = { &sold[0], &sold[1], &sold[2] };
static const struct addons addons = { .count = ADDONS, .list = list };

static void open_sold_addons(void)
{
	static const char *const ids[] = { "one", "two", "three" };
	static const char *const markets[] = { "heroku", "heroku",
					       "cloudcontrol" };
	static const char *const versions[] = { "3", "1", NULL };

	for (int i = 0; i < ADDONS; i++) {
		sold[i] = (struct addon){
			.id = ids[i],
			.dialect = dialect_find(markets[i], versions[i]),
			.salts = { 1, &salts[i] },
			.is_valid = true,
		};
		assert(sold[i].dialect);
	}
}

static const char *write_token(struct arena *arena,
			       const struct issued_token *token)
{
	const struct dialect_sso *sso = sold[token->addon].dialect->sso;
	const char *person = token->user
		? arena_printf(arena, ":%s:%s", token->user, token->email)
		: "";
	const char *text =
		arena_printf(arena, "%s:%s:%s%s", token->id,
			     salts[token->addon], token->time, person);
	char *hex = arena_alloc(arena, DIGEST_LONGEST_HEX + 1);

	assert(digest_hex(sso->tokens[token->number].digest, &text, 1, hex));
	return hex;
}

/* Replace each {N} by its token. */
static const char *fill_in_tokens(struct arena *arena, const char *text)
{
	const char *filled = "", *at;

	for (; (at = strchr(text, '{')); text = at + 1) {
		filled = arena_printf(arena, "%s%.*s", filled, (int)(at - text),
				      text);
		if (at[1] < '0' || at[1] > '9' || at[2] != '}')
			continue;
		filled = arena_printf(
			arena, "%s%s", filled,
			write_token(arena, &issued_tokens[at[1] - '0']));
		at += strlen("0}");
	}
	return arena_printf(arena, "%s%s", filled, text);
}

/* An absent claim says nothing. */
static bool is_signed_as(const char *claimed, const char *text)
{
	return !claimed || (text && strcmp(claimed, text) == 0);
}

static bool was_issued(const struct sso_claim *claim)
{
	for (size_t i = 0; i < COUNT(issued_tokens); i++) {
		const struct issued_token *token = &issued_tokens[i];

		if (&sold[token->addon] == claim->addon
		    && strcmp(token->id, claim->id) == 0
		    && labs(NOW - atol(token->time)) <= TOKEN_TIME
		    && is_signed_as(claim->user, token->user)
		    && is_signed_as(claim->email, token->email))
			return true;
	}
	return false;
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	const char *segments[] = { "sso", "login" };
	const struct url_path path = { .segments = segments, .count = 2 };
	struct form form;
	const struct sso_request request = {
		.form = &form,
		.path = &path,
		.now = NOW * INT64_C(1000),
	};
	struct sso_claims claims;

	if (!sold[0].id)
		open_sold_addons();
	if (strlen(text) != length || length > LONGEST_FORM)
		return;
	text = fill_in_tokens(arena, text);
	if (form_read(arena, text, strlen(text), &form) != OUTCOME_OK
	    || sso_verify(&addons, &request, &claims) != SSO_VALID)
		return;
	assert(claims.count > 0 && claims.count <= SSO_MAX_CLAIMS);
	for (int i = 0; i < claims.count; i++)
		assert(was_issued(&claims.list[i]));
}
