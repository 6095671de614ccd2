#include "lib/auth/sso.h"

#include <stdlib.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/base.h"
#include "lib/text/form.h"
#include "lib/text/number.h"

enum { LONGEST_NAV_DATA = 3072 };

const char *sso_verdict_name(enum sso_verdict verdict)
{
	static const char *const names[] = {
		[SSO_NO_ADDON] = "no-addon",
		[SSO_NO_TOKEN] = "no-token",
		[SSO_REPEATED] = "field-repeated",
		[SSO_MISSING] = "field-missing",
		[SSO_MALFORMED] = "field-malformed",
		[SSO_WRONG] = "wrong-token",
		[SSO_NO_TIME] = "no-time",
		[SSO_TOO_OLD] = "too-old",
		[SSO_TOO_EARLY] = "too-early",
		[SSO_AMBIGUOUS] = "two-addons",
		[SSO_UNDECIDED] = "undecided",
		[SSO_GOOD] = "good",
	};
	_Static_assert(COUNT(names) == SSO_VERDICTS, "a name for each");

	return names[verdict];
}

/* ---- who could be meant ---- */

static bool is_common(const struct url_path *path)
{
	return path->count >= 1 && path->count <= 2
		&& strcmp(path->segments[0], "sso") == 0
		&& (path->count == 1
		    || strcmp(path->segments[1], "login") == 0);
}

static bool is_posted_to(const struct addon *addon, const struct url_path *path)
{
	return is_common(path)
		|| (addon->sso.count > 0 && url_path_equal(&addon->sso, path));
}

static bool takes_get_at(const struct addon *addon, const struct url_path *path)
{
	return addon->dialect && addon->dialect->sso->accepts_get
		&& addon->resources.count > 0
		&& url_path_equal(&addon->resources, path);
}

bool sso_is_served(const struct addons *addons, const struct url_path *path)
{
	for (int i = 0; i < addons->count; i++)
		if (is_posted_to(addons->list[i], path))
			return true;
	return is_common(path);
}

bool sso_takes_get(const struct addons *addons, const struct url_path *path)
{
	for (int i = 0; i < addons->count; i++)
		if (takes_get_at(addons->list[i], path))
			return true;
	return false;
}

static bool could_mean(const struct sso_request *request,
		       const struct addon *addon)
{
	if (!addon->id || !addon->dialect || addon->salts.count == 0)
		return false;
	return request->id ? takes_get_at(addon, request->path)
			   : is_posted_to(addon, request->path);
}

/* ---- the token of one add-on ---- */

/* The value of a signed field; in a GET the path names the resource. */
static const char *value_of(const struct sso_request *request,
			    const struct dialect_token *token, const char *part)
{
	if (request->id && strcmp(part, token->id) == 0)
		return request->id;
	return form_value(request->form, part);
}

/* What a stronger or a weaker token signs counts as well: nobody sends a field
 * twice that any of them is over. */
static bool repeats(const struct sso_request *request,
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

static const struct dialect_token *strongest(const struct sso_request *request,
					     const struct dialect_sso *sso)
{
	for (const struct dialect_token *t = sso->tokens; t->field; t++)
		if (form_value(request->form, t->field))
			return t;
	return NULL;
}

/* What the digest is over, but for the salt: a NULL has its place. */
struct signing {
	const char *pieces[2 * DIALECT_MAX_TOKEN_PARTS];
	size_t count;
	size_t salt;
};

/*
 * A colon behind the salt could be moved from one field's end to the next one's
 * beginning, except in the last.  What is ahead of the salt cannot be moved by
 * who does not know that; nor can a digest be extended, since its padding has
 * zero bytes, which no form has.
 */
static enum sso_verdict collect(const struct sso_request *request,
				const struct dialect_token *token,
				struct signing *signing)
{
	const char *before = NULL;

	*signing = (struct signing){ .salt = SIZE_MAX };
	for (int i = 0; i < DIALECT_MAX_TOKEN_PARTS && token->parts[i]; i++) {
		bool is_salt = strcmp(token->parts[i], DIALECT_SALT) == 0;
		const char *value = is_salt
			? NULL
			: value_of(request, token, token->parts[i]);

		if (!is_salt && (!value || !*value))
			return SSO_MISSING;
		if (signing->salt != SIZE_MAX && before && strchr(before, ':'))
			return SSO_MALFORMED;
		if (signing->count > 0)
			signing->pieces[signing->count++] = ":";
		if (is_salt)
			signing->salt = signing->count;
		signing->pieces[signing->count++] = value;
		before = signing->salt == SIZE_MAX ? NULL : value;
	}
	return SSO_GOOD;
}

/* Which salt makes the token, or -1.  Tries all, whichever it is. */
static int find_salt(const struct addon *addon, struct signing *signing,
		     enum digest_kind kind, const char *token)
{
	char hex[DIGEST_SHA256_HEX + 1];
	int found = -1;

	for (int i = addon->salts.count - 1; i >= 0; i--) {
		signing->pieces[signing->salt] = addon->salts.values[i];
		if (digest_hex(kind, signing->pieces, signing->count, hex)
		    && digest_equal(hex, token))
			found = i;
	}
	return found;
}

/* ---- its time ---- */

/* In the dialect's unit, so that a token of the edge's second is in time. */
static enum sso_verdict judge_time(const struct sso_request *request,
				   const struct dialect_sso *sso,
				   struct sso_claim *claim)
{
	const char *text = form_value(request->form, sso->timestamp);
	int64_t now = request->now / sso->unit;
	int64_t time;

	if (!number_read(text, 0, INT64_MAX, &time))
		return SSO_NO_TIME;
	if (now - time > sso->max_age / sso->unit)
		return SSO_TOO_OLD;
	if (time - now > sso->max_skew / sso->unit)
		return SSO_TOO_EARLY;
	claim->good_until = (time + 1) * sso->unit + sso->max_age;
	return SSO_GOOD;
}

/* ---- what it says ---- */

static bool signs(const struct dialect_token *token, const char *field)
{
	for (int i = 0; i < DIALECT_MAX_TOKEN_PARTS && token->parts[i]; i++)
		if (strcmp(token->parts[i], field) == 0)
			return true;
	return false;
}

/* A field about the user.  Where the deciding token does not sign it though
 * another would have, who took that one away may have altered it. */
static const char *user_field(const struct sso_request *request,
			      const struct dialect_sso *sso,
			      const struct dialect_token *token,
			      const char *field)
{
	const char *value = field ? form_value(request->form, field) : NULL;
	bool may_be_signed = false;

	if (!value || !*value)
		return NULL;
	for (const struct dialect_token *t = sso->tokens; t->field; t++)
		may_be_signed |= signs(t, field);
	return may_be_signed && !signs(token, field) ? NULL : value;
}

static const char *read_nav_data(const struct sso_request *request,
				 const struct dialect_sso *sso)
{
	const char *text = sso->has_nav_header
		? form_value(request->form, "nav-data")
		: NULL;
	size_t length = text ? strspn(text,
				      "0123456789_=-"
				      "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
			     : 0;

	if (length == 0 || length > LONGEST_NAV_DATA || text[length] != '\0')
		return NULL;
	return text;
}

static void read_claim(const struct sso_request *request,
		       const struct dialect_token *token,
		       struct sso_claim *claim)
{
	const struct dialect_sso *sso = claim->addon->dialect->sso;
	int count = 0;

	claim->id = value_of(request, token, token->id);
	claim->id_is_key = token->id_is_key;
	claim->user = user_field(request, sso, token, sso->user);
	claim->email = user_field(request, sso, token, sso->email);
	claim->app = form_value(request->form, sso->app);
	claim->nav_data = read_nav_data(request, sso);
	for (int i = 0; sso->tokens[i].field && count < DIALECT_MAX_TOKENS;
	     i++) {
		const char *value =
			form_value(request->form, sso->tokens[i].field);

		if (value)
			claim->tokens[count++] = value;
	}
}

/* ---- all of it ---- */

static enum sso_verdict judge_one(const struct sso_request *request,
				  const struct addon *addon,
				  struct sso_claim *claim)
{
	const struct dialect_sso *sso = addon->dialect->sso;
	const struct dialect_token *token = strongest(request, sso);
	struct signing signing;
	enum sso_verdict verdict;
	int salt;

	if (!token)
		return SSO_NO_TOKEN;
	if (repeats(request, sso))
		return SSO_REPEATED;
	verdict = collect(request, token, &signing);
	if (verdict != SSO_GOOD)
		return verdict;
	salt = find_salt(addon, &signing, token->digest,
			 form_value(request->form, token->field));
	if (salt < 0)
		return SSO_WRONG;
	*claim = (struct sso_claim){ .addon = addon, .has_old_salt = salt > 0 };
	read_claim(request, token, claim);
	return judge_time(request, sso, claim);
}

enum sso_verdict sso_judge(const struct addons *addons,
			   const struct sso_request *request,
			   struct sso_claim *claim)
{
	enum sso_verdict verdict = SSO_NO_ADDON;
	int right = 0;

	*claim = (struct sso_claim){ 0 };
	for (int i = 0; i < addons->count; i++) {
		const struct addon *addon = addons->list[i];
		struct sso_claim one = { 0 };
		enum sso_verdict of_one;

		if (!could_mean(request, addon))
			continue;
		of_one = judge_one(request, addon, &one);
		if (of_one > SSO_WRONG) {
			right++;
			*claim = one;
		}
		if (of_one > verdict)
			verdict = of_one;
	}
	if (right > 1)
		return SSO_AMBIGUOUS;
	if (right == 0 && addons->unreadable > 0)
		return SSO_UNDECIDED;
	return verdict;
}
