#include "lib/auth/sso.h"

#include <stdlib.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/base.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/secret.h"
#include "lib/text/form.h"
#include "lib/text/number.h"

#define NAV_DATA "nav-data"

enum { MAX_NAV_DATA = 3072 }; /* bytes */

const char *sso_result_name(enum sso_result result)
{
	static const char *const names[] = {
		[SSO_NO_ADDON] = "no-addon",
		[SSO_NO_TOKEN] = "no-token",
		[SSO_REPEATED] = "field-repeated",
		[SSO_MISSING] = "field-missing",
		[SSO_MALFORMED] = "field-malformed",
		[SSO_FORGED] = "wrong-token",
		[SSO_NO_TIME] = "no-time",
		[SSO_EXPIRED] = "too-old",
		[SSO_PREMATURE] = "too-early",
		[SSO_AMBIGUOUS] = "two-addons",
		[SSO_UNDECIDED] = "undecided",
		[SSO_VALID] = "valid",
	};
	_Static_assert(COUNT(names) == SSO_RESULT_COUNT,
		       "every result needs a name");

	return names[result];
}

/* ---- the token of one add-on ---- */

/* Return the value of a signed field, or NULL if it is missing.  A GET of a
 * resource has its id in the path. */
static const char *signed_value(const struct sso_request *request,
				const struct dialect_token *token,
				const char *part)
{
	const char *value;

	if (request->id && strcmp(part, token->id) == 0)
		return request->id;
	value = form_value(request->form, part);
	if (value && *value)
		return value;
	return token->optional && strcmp(part, token->optional) == 0 ? ""
								     : NULL;
}

/* Return true if a field that any token of the dialect signs occurs twice.  A
 * marketplace never sends such a field twice. */
static bool repeats_signed_field(const struct sso_request *request,
				 const struct dialect_sso *sso)
{
	for (const struct dialect_token *t = sso->tokens; t->field; t++) {
		if (form_count(request->form, t->field) > 1)
			return true;
		for (int i = 0; i < DIALECT_MAX_TOKEN_PARTS && t->parts[i]; i++)
			if (form_count(request->form, t->parts[i]) > 1)
				return true;
	}
	return false;
}

static const struct dialect_token *
find_strongest_token(const struct sso_request *request,
		     const struct addon *addon)
{
	const struct dialect_token *t = addon->dialect->sso->tokens;

	for (; t->field; t++)
		if ((!t->is_legacy || addon->accepts_legacy_sign_on)
		    && form_value(request->form, t->field))
			return t;
	return NULL;
}

/* The text over which the digest is computed. */
struct signed_text {
	const char *pieces[2 * DIALECT_MAX_TOKEN_PARTS];
	size_t count;
	size_t salt; /* the index of the salt, which is set later; SIZE_MAX: the
			salt is the key and not in the text */
};

/*
 * Collect the pieces.  The salt divides them, unless it is the key.  On each
 * side of it, only the last field may contain a colon: otherwise an attacker
 * could move the end of one field to the beginning of the next without changing
 * the digest.  A digest cannot be extended, because its padding has zero bytes
 * and no form contains any.
 */
static enum sso_result collect_signed_text(const struct sso_request *request,
					   const struct dialect_token *token,
					   struct signed_text *text)
{
	const char *previous = NULL; /* on the same side of the salt */

	*text = (struct signed_text){ .salt = SIZE_MAX };
	for (int i = 0; i < DIALECT_MAX_TOKEN_PARTS && token->parts[i]; i++) {
		bool is_salt = strcmp(token->parts[i], DIALECT_SALT) == 0;
		const char *value = is_salt
			? NULL
			: signed_value(request, token, token->parts[i]);

		if (!is_salt && !value)
			return SSO_MISSING;
		if (!is_salt && previous && strchr(previous, ':'))
			return SSO_MALFORMED;
		if (text->count > 0)
			text->pieces[text->count++] = ":";
		if (is_salt)
			text->salt = text->count;
		text->pieces[text->count++] = value;
		previous = value;
	}
	return SSO_VALID;
}

static bool digest_signed_text(const struct dialect_token *token,
			       struct signed_text *text, const char *salt,
			       char hex[static DIGEST_LONGEST_HEX + 1])
{
	if (token->is_keyed)
		return digest_hmac_sha256_hex(salt, text->pieces, text->count,
					      hex);
	text->pieces[text->salt] = salt;
	return digest_hex(token->digest, text->pieces, text->count, hex);
}

/* Return the index of the salt that the value of a token was made with, or -1.
 * Compare with all salts, so that the timing does not reveal which one
 * matches. */
static int find_salt(const struct addon *addon, struct signed_text *text,
		     const struct dialect_token *token, const char *value)
{
	char hex[DIGEST_LONGEST_HEX + 1];
	int found = -1;

	for (int i = addon->salts.count - 1; i >= 0; i--)
		if (digest_signed_text(token, text, addon->salts.values[i], hex)
		    && secret_equal(hex, value))
			found = i;
	return found;
}

/* ---- the timestamp ---- */

/* Compare in the dialect's unit, so that a token is valid throughout its last
 * unit. */
static enum sso_result check_timestamp(const struct sso_request *request,
				       const struct dialect_sso *sso,
				       struct sso_claim *claim)
{
	const char *text = form_value(request->form, sso->timestamp);
	int64_t now = request->now / sso->unit;
	int64_t time;

	if (!number_read(text, 0, INT64_MAX, &time))
		return SSO_NO_TIME;
	if (now - time > sso->max_age / sso->unit)
		return SSO_EXPIRED;
	if (time - now > sso->max_skew / sso->unit)
		return SSO_PREMATURE;
	claim->valid_until = (time + 1) * sso->unit + sso->max_age;
	return SSO_VALID;
}

/* ---- the content ---- */

/* Return the value of a field about the user.  Return NULL if the deciding
 * token does not sign it, because the customer may then have altered it. */
static const char *read_user_field(const struct sso_request *request,
				   const struct dialect_token *token,
				   const char *field)
{
	const char *value = field && dialect_token_signs(token, field)
		? form_value(request->form, field)
		: NULL;

	return value && *value ? value : NULL;
}

static const char *read_nav_data(const struct sso_request *request,
				 const struct dialect_sso *sso)
{
	const char *text = sso->has_nav_header
		? form_value(request->form, NAV_DATA)
		: NULL;
	size_t length = text ? strspn(text,
				      "0123456789_=-"
				      "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
			     : 0;

	if (length == 0 || length > MAX_NAV_DATA || text[length] != '\0')
		return NULL;
	return text;
}

static void read_claim(const struct sso_request *request,
		       const struct dialect_token *token,
		       struct sso_claim *claim)
{
	const struct dialect_sso *sso = claim->addon->dialect->sso;
	int count = 0;

	claim->id = signed_value(request, token, token->id);
	claim->id_is_key = token->id_is_key;
	claim->user = read_user_field(request, token, sso->user);
	claim->email = read_user_field(request, token, sso->email);
	claim->app = sso->app ? form_value(request->form, sso->app) : NULL;
	claim->nav_data = read_nav_data(request, sso);
	for (int i = 0; sso->tokens[i].field && count < DIALECT_MAX_TOKENS;
	     i++) {
		const char *value =
			form_value(request->form, sso->tokens[i].field);

		if (value)
			claim->tokens[count++] = value;
	}
}

/* ---- verifying ---- */

/* Find the deciding token, and collect the text that it must sign. */
static enum sso_result read_signed_text(const struct sso_request *request,
					const struct addon *addon,
					const struct dialect_token **token,
					struct signed_text *text)
{
	*token = find_strongest_token(request, addon);
	if (!*token)
		return SSO_NO_TOKEN;
	return repeats_signed_field(request, addon->dialect->sso)
		? SSO_REPEATED
		: collect_signed_text(request, *token, text);
}

static enum sso_result verify_for_addon(const struct sso_request *request,
					const struct addon *addon,
					struct sso_claim *claim)
{
	const struct dialect_token *token;
	struct signed_text text;
	enum sso_result result =
		read_signed_text(request, addon, &token, &text);
	int salt;

	if (result != SSO_VALID)
		return result;
	salt = find_salt(addon, &text, token,
			 form_value(request->form, token->field));
	if (salt < 0)
		return SSO_FORGED;
	*claim = (struct sso_claim){ .addon = addon, .has_old_salt = salt > 0 };
	read_claim(request, token, claim);
	return check_timestamp(request, addon->dialect->sso, claim);
}

/* ---- without a salt ---- */

static bool may_have_method(const struct sso_request *request,
			    const struct dialect_sso *sso)
{
	return !request->is_get
		|| sso->get
		== (request->id ? DIALECT_GET_RESOURCE : DIALECT_GET_SSO_URL);
}

/* Return true if value can be a digest with some salt. */
static bool is_like_digest(const struct dialect_token *token,
			   struct signed_text *text, const char *value)
{
	char hex[DIGEST_LONGEST_HEX + 1];

	return digest_signed_text(token, text, "", hex)
		&& strlen(value) == strlen(hex)
		&& value[strspn(value, "0123456789abcdef")] == '\0';
}

bool sso_read_claim(const struct addon *addon,
		    const struct sso_request *request, struct sso_claim *claim)
{
	const struct dialect_sso *sso = addon->dialect->sso;
	const struct dialect_token *token;
	struct signed_text text;

	if (!may_have_method(request, sso)
	    || read_signed_text(request, addon, &token, &text) != SSO_VALID
	    || !is_like_digest(token, &text,
			       form_value(request->form, token->field)))
		return false;
	*claim = (struct sso_claim){ .addon = addon };
	read_claim(request, token, claim);
	return check_timestamp(request, sso, claim) == SSO_VALID;
}

/* Return true if an add-on whose home is unreadable may have signed. */
static bool may_be_signed(const struct sso_request *request)
{
	struct sso_claim claim;

	for (int i = 0; dialects[i]; i++)
		if (sso_read_claim(
			    &(struct addon){ .dialect = dialects[i],
					     .accepts_legacy_sign_on = true },
			    request, &claim))
			return true;
	return false;
}

enum sso_result sso_verify(const struct addons *addons,
			   const struct sso_request *request,
			   struct sso_claims *claims)
{
	enum sso_result result = SSO_NO_ADDON;
	int fitting = 0, valid = 0;

	claims->closest = NULL;
	for (int i = 0; i < addons->count; i++) {
		const struct addon *addon = addons->list[i];
		struct sso_claim one = { 0 };
		enum sso_result one_result;

		if (!sso_may_be_for(request, addon))
			continue;
		one_result = verify_for_addon(request, addon, &one);
		fitting += one_result > SSO_FORGED;
		if (one_result == SSO_VALID && valid++ < SSO_MAX_CLAIMS)
			claims->list[valid - 1] = one;
		if (one_result > result) {
			result = one_result;
			claims->closest = addon;
		}
	}
	claims->count = valid;
	if (valid > SSO_MAX_CLAIMS)
		return SSO_AMBIGUOUS;
	if (fitting == 0 && addons->unreadable > 0 && may_be_signed(request))
		return SSO_UNDECIDED;
	return result;
}
