/*
 * sign_ons.h - add-ons with salts, and sign-ons that are verified for them.
 *
 * A table of sign-ons is tested against one add-on:
 *
 *	sign_on_kind = "scalingo/1";
 *	sign_on_now = INT64_C(1700000000000);
 *	UNIT_ROWS(forms, sign_on_is_as_expected);
 */
#ifndef SIGN_ONS_H
#define SIGN_ONS_H

#include "unit.h"

#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/auth/sso.h"
#include "lib/text/form.h"
#include "lib/text/url_path.h"

#define SIGN_ON_SALT "s3cr3t-salt-for-tests"
#define SIGN_ON_OLD_SALT "yesterdays-long-salt"

static const char *sign_on_resources[] = { "heroku", "resources" };
static const char *sign_on_login[] = { "odd", "login" };

/* An add-on with up to two salts; kind is its dialect, such as "heroku/3". */
static inline struct addon sign_on_addon(const char *kind, const char *salt,
					 const char *old_salt)
{
	const char *slash = strchr(kind, '/');
	const char **values = arena_alloc(arena, 2 * sizeof *values);
	struct addon addon = {
		.id = "fast-db",
		.dialect = dialect_find(
			arena_strndup(arena, kind, (size_t)(slash - kind)),
			slash + 1),
		.salts = { (salt != NULL) + (old_salt != NULL), values },
		.resources = { 2, sign_on_resources, false },
		.sso = { 2, sign_on_login, false },
		.is_valid = true,
	};

	assert_non_null(addon.dialect);
	values[0] = salt;
	values[1] = old_salt;
	return addon;
}

/* A request of a browser. */
struct sign_on {
	const char *form;
	const char *path;
	bool is_get;
	const char *id; /* of a GET of a resource */
	int64_t now;    /* ms since 1970 */
	int unreadable; /* homes */
};

static inline enum sso_result sign_on_verify(struct addon *list[], int count,
					     const struct sign_on *sign_on,
					     struct sso_claims *claims)
{
	const struct addons addons = {
		.arena = arena,
		.count = count,
		.list = list,
		.unreadable = sign_on->unreadable,
	};
	struct form *form = arena_alloc(arena, sizeof *form);
	struct url_path path;
	const struct sso_request request = {
		form, &path, sign_on->is_get, sign_on->id, sign_on->now,
	};

	assert_int_equal(url_path_read(arena, sign_on->path,
				       strlen(sign_on->path), &path),
			 OUTCOME_OK);
	assert_int_equal(
		form_read(arena, sign_on->form, strlen(sign_on->form), form),
		OUTCOME_OK);
	*claims = (struct sso_claims){ 0 };
	return sso_verify(&addons, &request, claims);
}

/* ---- tables ---- */

static const char *sign_on_kind; /* of all rows */
static int64_t sign_on_now;

struct sign_on_row {
	const char *name;
	const char *form;
	const char *expected; /* the name of a result */
	/* Of a valid sign-on; NULL: unsigned. */
	const char *user, *email;
	const char *path; /* NULL: /sso */
	const char *id;   /* of a GET of a resource */
	bool is_get;
	bool is_legacy; /* settings.json has "legacy_sign_on": true */
	int64_t later;  /* ms from the form to the request */
};

__attribute__((unused)) static void sign_on_is_as_expected(void **state)
{
	const struct sign_on_row *row = *state;
	struct addon addon =
		sign_on_addon(sign_on_kind, SIGN_ON_SALT, SIGN_ON_OLD_SALT);
	struct addon *list[] = { &addon };
	const struct sign_on sign_on = {
		.form = row->form,
		.path = row->path ? row->path : "/sso",
		.is_get = row->is_get,
		.id = row->id,
		.now = sign_on_now + row->later,
	};
	struct sso_claims claims;

	addon.accepts_legacy_sign_on = row->is_legacy;
	assert_text(sso_result_name(sign_on_verify(list, 1, &sign_on, &claims)),
		    row->expected);
	assert_int_equal(claims.count, strcmp(row->expected, "valid") == 0);
	if (claims.count == 0)
		return;
	assert_text(claims.list[0].user, row->user);
	assert_text(claims.list[0].email, row->email);
}

#endif
