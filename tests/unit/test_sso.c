#include "sign_ons.h"

#define SALT "KtdFl80yzJvkEvq7bmJuQkuXKtV2nx6T"
#define OLD_SALT "yesterdays-long-salt"
#define SAMPLE "2f97bfa52ca102f8874716e2eb1d3b4920ad0be4"

#define ID "4b922d1d-f1d2-4fa9-9e6a-95f8f1aa58fb"
#define USER "9f8e7d6c-5b4a-4321-8765-0123456789ab"
#define NOW 1700000000

#define SHA1 "e43ac90a56e47d416241edf011bb91d284222c58"
#define SHA256                                                                 \
	"7b85d6459454788a466462248915865cd23d1cb4393d5758ff3f9cdcc688297e"

/* The parts of a valid form. */
#define AT "&timestamp=1700000000"
#define V1 "id=" ID "&token=" SHA1 AT
#define V3 "resource_id=" ID AT
#define WEAK V3 "&resource_token=" SHA1
#define WHO "&user_id=" USER "&email=jane.doe%2Bheroku%40example.com"
#define STRONG V3 WHO "&user_scoped_resource_token=" SHA256

static int claimed; /* the number of claims that verify() has found */

/* Verify a form of a POST to path, or of a GET of the resource id. */
static enum sso_result verify(struct addon *list[], int count, const char *text,
			      const char *called, const char *id, int64_t now,
			      int unreadable, struct sso_claim *claim)
{
	const struct sign_on sign_on = {
		text, called, id != NULL, id, now, unreadable,
	};
	struct sso_claims claims;
	enum sso_result result = sign_on_verify(list, count, &sign_on, &claims);

	claimed = result == SSO_VALID ? claims.count : 0;
	*claim = claims.list[0];
	return result;
}

/* ---- tokens that other programs have computed ---- */

static struct vector_row {
	const char *name;
	const char *kind;
	const char *salt;
	const char *form;
	int64_t now;
	const char *id;
} vectors[] = {
	{ "vector 1, of Heroku's page of 2014", "heroku/1", SAMPLE,
	  "id=123&timestamp=1267597772"
	  "&token=bb466eb1d6bc345d11072c3cd25c311f21be130d",
	  1267597772, "123" },
	{ "vector 2", "heroku/1", "zPzckKkGf3XiJaD0",
	  "id=456&timestamp=1400000000"
	  "&token=ca0c5d49c86539822db29fab6641bf764e69fbc5",
	  1400000000, "456" },
	{ "vector 3", "heroku/3", SAMPLE,
	  "resource_id=01234567-89ab-cdef-0123-456789abcdef"
	  "&timestamp=1267597772"
	  "&resource_token=7659cc00fc08ff8b7bb76cd8c9762bcf528b4173",
	  1267597772, "01234567-89ab-cdef-0123-456789abcdef" },
	{ "vector 4", "heroku/3", SALT, WEAK, NOW, ID },
	{ "vector 4 as version 1's", "heroku/1", SALT, V1, NOW, ID },
	{ "vector 5", "heroku/3", SAMPLE,
	  "resource_id=01234567-89ab-cdef-0123-456789abcdef"
	  "&timestamp=1267597772"
	  "&user_id=9f8e7d6c-5b4a-4321-8765-0123456789ab"
	  "&email=user%40example.com"
	  "&user_scoped_resource_token=6bc9954ef2f734ff9c7b5c71fc48614d"
	  "c60a2540ea5935775198a2e96ccf60e8",
	  1267597772, "01234567-89ab-cdef-0123-456789abcdef" },
	{ "vector 6", "heroku/3", SALT, STRONG, NOW, ID },
	{ "cloudControl's first", "cloudcontrol/1", "s3cr3t-salt-for-tests",
	  "id=123&timestamp=1700000000"
	  "&token=a69e669a27b6bde09c2389e7991e6bdcceb8e77d",
	  NOW, "123" },
	{ "cloudControl's second", "cloudcontrol/1", "rock-salt",
	  "id=dep-res-1&timestamp=1404000000"
	  "&token=758a7d8cb93c8e03ba45a0e241917bd4fe861c4c",
	  1404000000, "dep-res-1" },
};

static void vector_is_valid(void **state)
{
	const struct vector_row *row = *state;
	struct addon addon = sign_on_addon(row->kind, row->salt, NULL);
	struct addon *list[] = { &addon };
	struct sso_claim claim;

	assert_text(sso_result_name(verify(list, 1, row->form, "/sso", NULL,
					   row->now * 1000, 0, &claim)),
		    "valid");
	assert_text(claim.id, row->id);
	assert_ptr_equal(claim.addon, &addon);
}

/* ---- refusals ---- */

static struct result_row {
	const char *name;
	const char *kind;
	const char *form;
	const char *expected;
} results[] = {
	{ "a weak token alone is valid", "heroku/3", WEAK, "valid" },
	{ "a strong token alone is valid", "heroku/3", STRONG, "valid" },
	{ "all tokens together are valid", "heroku/3",
	  STRONG "&resource_token=" SHA1 "&id=" ID "&token=" SHA1, "valid" },
	{ "unknown fields are ignored", "heroku/3", WEAK "&action=x&x=1&x=2",
	  "valid" },
	{ "a token of a salt that is being rotated out is valid", "heroku/3",
	  V3 "&resource_token=8f30426bb855135300e71b724db29bee0087a51e",
	  "valid" },
	{ "a colon in the last field is a character", "heroku/3",
	  V3 "&user_id=" USER "&email=ja:ne%40example.com"
	     "&user_scoped_resource_token=c3933495e517fb6df0f596ab0f58d27e"
	     "95e4e186c89420af2a86a6f23983494b",
	  "valid" },

	{ "a form without a token is refused", "heroku/3", V3, "no-token" },
	{ "version 3 does not know version 1's token", "heroku/3", V1,
	  "no-token" },
	{ "version 3 refuses version 1's token, with any id", "heroku/3",
	  V3 "&token=" SHA1, "no-token" },
	{ "version 1 does not know version 3's token", "heroku/1", WEAK,
	  "no-token" },
	{ "an empty form is refused", "heroku/3", "", "no-token" },

	{ "a valid weak token does not excuse a wrong strong one", "heroku/3",
	  WEAK WHO "&user_scoped_resource_token=" SHA256 "0", "wrong-token" },
	{ "... nor an empty strong one", "heroku/3",
	  WEAK WHO "&user_scoped_resource_token=", "wrong-token" },
	{ "... nor a strong one whose fields are missing", "heroku/3",
	  WEAK "&user_scoped_resource_token=" SHA256, "field-missing" },
	{ "a weak token in the strong one's field is wrong", "heroku/3",
	  V3 WHO "&user_scoped_resource_token=" SHA1, "wrong-token" },
	{ "a strong token in the weak one's field is wrong", "heroku/3",
	  V3 WHO "&resource_token=" SHA256, "wrong-token" },
	{ "a token in upper case is wrong", "heroku/3",
	  V3 "&resource_token=E43AC90A56E47D416241EDF011BB91D284222C58",
	  "wrong-token" },
	{ "a token with a blank is wrong", "heroku/3", WEAK "+",
	  "wrong-token" },
	{ "a token with a newline is wrong", "heroku/3", WEAK "%0A",
	  "wrong-token" },
	{ "the beginning of a token is wrong", "heroku/3",
	  V3 "&resource_token=e43ac90a", "wrong-token" },
	{ "an empty token is wrong", "heroku/3",
	  V3 "&resource_token=", "wrong-token" },
	{ "another resource is wrong", "heroku/3",
	  "resource_id=01234567-89ab-cdef-0123-456789abcdef" AT
	  "&resource_token=" SHA1,
	  "wrong-token" },
	{ "a signed id must keep its letter case", "heroku/3",
	  "resource_id=4B922D1D-F1D2-4FA9-9E6A-95F8F1AA58FB" AT
	  "&resource_token=" SHA1,
	  "wrong-token" },
	{ "a time with a leading zero is another text", "heroku/3",
	  "resource_id=" ID "&timestamp=01700000000&resource_token=" SHA1,
	  "wrong-token" },
	{ "a salt of another add-on is wrong", "heroku/3",
	  V3 "&resource_token=6e5f0ebf974e5125a7659141101847f299224f3c",
	  "wrong-token" },
	{ "an altered e-mail is wrong", "heroku/3",
	  V3 "&user_id=" USER "&email=jane.doe%40example.com"
	     "&user_scoped_resource_token=" SHA256,
	  "wrong-token" },
	{ "an e-mail decoded twice is wrong", "heroku/3",
	  V3 "&user_id=" USER "&email=jane.doe%252Bheroku%2540example.com"
	     "&user_scoped_resource_token=" SHA256,
	  "wrong-token" },
	{ "an e-mail whose plus is a blank is wrong", "heroku/3",
	  V3 "&user_id=" USER "&email=jane.doe+heroku%40example.com"
	     "&user_scoped_resource_token=" SHA256,
	  "wrong-token" },

	{ "a resource must be present", "heroku/3",
	  "timestamp=1700000000&resource_token=" SHA1, "field-missing" },
	{ "a resource must not be empty", "heroku/3",
	  "resource_id=" AT "&resource_token=" SHA1, "field-missing" },
	{ "a time must be present", "heroku/3",
	  "resource_id=" ID "&resource_token=" SHA1, "field-missing" },
	{ "a time must not be empty", "heroku/3",
	  "resource_id=" ID "&timestamp=&resource_token=" SHA1,
	  "field-missing" },
	{ "a strong token's user must be present", "heroku/3",
	  V3 "&email=a&user_scoped_resource_token=" SHA256, "field-missing" },
	{ "a strong token's e-mail must be present", "heroku/3",
	  V3 "&user_id=a&user_scoped_resource_token=" SHA256, "field-missing" },

	{ "a resource must not occur twice", "heroku/3", WEAK "&" V3,
	  "field-repeated" },
	{ "a time must not occur twice", "heroku/3", WEAK AT,
	  "field-repeated" },
	{ "a token must not occur twice", "heroku/3",
	  WEAK "&resource_token=" SHA1, "field-repeated" },
	{ "a token that does not decide must not occur twice", "heroku/3",
	  STRONG "&resource_token=a&resource_token=b", "field-repeated" },
	{ "a field that only a stronger token signs must not either",
	  "heroku/3", WEAK "&email=a&email=b", "field-repeated" },
	{ "a field that version 1 does not sign may occur twice", "heroku/1",
	  V1 "&email=a&email=b", "valid" },
	{ "version 1's id must not occur twice", "heroku/1", V1 "&id=1",
	  "field-repeated" },

	{ "a colon cannot move between two fields", "heroku/3",
	  V3 "&user_id=" USER ":x&email=jane%40example.com"
	     "&user_scoped_resource_token=ef891026fccf77ed87439b7a60db0820"
	     "babd9535a3979f709bc5b1a7791d581d",
	  "field-malformed" },

	{ "a time is decimal", "heroku/3",
	  "resource_id=" ID "&timestamp=17e8"
	  "&resource_token=caae49a5a6ec2ce934b70a1158592e1ae5763d1d",
	  "no-time" },
	{ "a time has no sign", "heroku/3",
	  "resource_id=" ID "&timestamp=-1700000000"
	  "&resource_token=8b42f7b81f50916c49d58b6de3d0d51e3073706b",
	  "no-time" },
	{ "a time has at most 18 digits", "heroku/3",
	  "resource_id=" ID "&timestamp=1700000000000000000"
	  "&resource_token=311c6d288554f1817deee1f3114bc32d1ac7ab22",
	  "no-time" },
	{ "a time has nothing after it", "heroku/3",
	  "resource_id=" ID "&timestamp=1700000000x"
	  "&resource_token=09415f26fcfdad39681a5a5eb0eac9014cbe4221",
	  "no-time" },
	{ "a time is in seconds", "heroku/3",
	  "resource_id=" ID "&timestamp=1700000000000"
	  "&resource_token=a720dcdca852fd7da8f1637641385c58a60b5aff",
	  "too-early" },
	{ "a signed leading zero is valid", "heroku/3",
	  "resource_id=" ID "&timestamp=01700000000"
	  "&resource_token=883439ef5b4a3d17be9351d29113322399a0c90c",
	  "valid" },
	{ "the token is checked before the time", "heroku/3",
	  "resource_id=" ID "&timestamp=x&resource_token=" SHA1,
	  "wrong-token" },
};

static void result_is_as_expected(void **state)
{
	const struct result_row *row = *state;
	struct addon addon = sign_on_addon(row->kind, SALT, OLD_SALT);
	struct addon *list[] = { &addon };
	struct sso_claim claim;

	assert_text(sso_result_name(verify(list, 1, row->form, "/sso", NULL,
					   NOW * INT64_C(1000), 0, &claim)),
		    row->expected);
}

/* ---- time ---- */

static struct time_row {
	const char *name;
	int64_t later; /* ms from the token to the request */
	const char *expected;
} times[] = {
	{ "a token of now is valid", 0, "valid" },
	{ "a token of 299 s ago is valid", 299000, "valid" },
	{ "a token of 300 s ago is valid", 300000, "valid" },
	{ "a token of 300 s ago is valid for that second", 300999, "valid" },
	{ "a token of 301 s ago has expired", 301000, "too-old" },
	{ "a token of six minutes ago has expired", 360000, "too-old" },
	{ "a token of last year has expired", INT64_C(31536000000), "too-old" },
	{ "a token from 60 s ahead is valid", -60000, "valid" },
	{ "a token from 61 s ahead is too early", -61000, "too-early" },
	{ "a token of next year is too early", INT64_C(-31536000000),
	  "too-early" },
};

static void time_is_checked(void **state)
{
	const struct time_row *row = *state;
	static const char *const forms[][2] = {
		{ "heroku/3", STRONG },
		{ "heroku/3", WEAK },
		{ "heroku/1", V1 },
		{ "cloudcontrol/1", V1 },
	};

	for (size_t i = 0; i < COUNT(forms); i++) {
		struct addon addon = sign_on_addon(forms[i][0], SALT, NULL);
		struct addon *list[] = { &addon };
		struct sso_claim claim;

		assert_text(sso_result_name(
				    verify(list, 1, forms[i][1], "/sso", NULL,
					   NOW * INT64_C(1000) + row->later, 0,
					   &claim)),
			    row->expected);
	}
}

/* ---- paths ---- */

static struct path_row {
	const char *name;
	const char *kind;
	const char *path;
	const char *id; /* of a GET */
	const char *form;
	const char *expected;
} paths[] = {
	{ "/sso is for all add-ons", "heroku/3", "/sso", NULL, WEAK, "valid" },
	{ "/sso/login is for all add-ons", "heroku/3", "/sso/login", NULL, WEAK,
	  "valid" },
	{ "a trailing slash does not matter", "heroku/3", "/sso/login/", NULL,
	  WEAK, "valid" },
	{ "the path of sso_url is the add-on's", "heroku/3", "/odd/login", NULL,
	  WEAK, "valid" },
	{ "another path has no add-on", "heroku/3", "/sso/logins", NULL, WEAK,
	  "no-addon" },
	{ "the path of resources has no add-on", "heroku/1",
	  "/heroku/resources", NULL, V1, "no-addon" },
	{ "version 1 accepts a GET", "heroku/1", "/heroku/resources", ID,
	  "token=" SHA1 AT, "valid" },
	{ "... for the resource of its path only", "heroku/1",
	  "/heroku/resources", "123", "token=" SHA1 AT, "wrong-token" },
	{ "... whatever id its query has", "heroku/1", "/heroku/resources",
	  "123", V1, "wrong-token" },
	{ "... below its own path", "heroku/1", "/other/resources", ID,
	  "token=" SHA1 AT, "no-addon" },
	{ "version 3 accepts no GET", "heroku/3", "/heroku/resources", ID,
	  "resource_token=" SHA1 AT, "no-addon" },
	{ "cloudControl accepts no GET", "cloudcontrol/1", "/heroku/resources",
	  ID, "token=" SHA1 AT, "no-addon" },
};

static void path_is_checked(void **state)
{
	const struct path_row *row = *state;
	struct addon addon = sign_on_addon(row->kind, SALT, NULL);
	struct addon *list[] = { &addon };
	struct sso_claim claim;

	assert_text(
		sso_result_name(verify(list, 1, row->form, row->path, row->id,
				       NOW * INT64_C(1000), 0, &claim)),
		row->expected);
}

/* ---- claims ---- */

static struct claim_row {
	const char *name;
	const char *kind;
	const char *form;
	const char *user, *email, *app, *nav_data;
	int tokens;
	bool is_key;
} claims[] = {
	{ "a strong token identifies the user", "heroku/3", STRONG "&app=myapp",
	  USER, "jane.doe+heroku@example.com", "myapp", NULL, 1, true },
	{ "a weak token does not", "heroku/3", WEAK WHO, NULL, NULL, NULL, NULL,
	  1, true },
	{ "version 1 signs no user", "heroku/1", V1 WHO "&app=my+app", NULL,
	  NULL, "my app", NULL, 1, false },
	{ "an empty e-mail is absent", "heroku/1", V1 "&email=", NULL, NULL,
	  NULL, NULL, 1, false },
	{ "a claim has all tokens of the form", "heroku/3",
	  STRONG "&resource_token=" SHA1 "&token=" SHA1, USER,
	  "jane.doe+heroku@example.com", NULL, NULL, 2, true },
	{ "a claim has nav-data", "heroku/1", V1 "&nav-data=eyJh_-9=", NULL,
	  NULL, NULL, "eyJh_-9=", 1, false },
	{ "version 3 ignores nav-data", "heroku/3", WEAK "&nav-data=eyJh", NULL,
	  NULL, NULL, NULL, 1, true },
	{ "nav-data that could end a cookie is dropped", "heroku/1",
	  V1 "&nav-data=a%3B+Domain=b", NULL, NULL, NULL, NULL, 1, false },
	{ "nav-data that could end a header is dropped", "heroku/1",
	  V1 "&nav-data=a%0D%0ASet-Cookie:b", NULL, NULL, NULL, NULL, 1,
	  false },
	{ "nav-data that is empty is dropped", "heroku/1",
	  V1 "&nav-data=", NULL, NULL, NULL, NULL, 1, false },
};

static void claim_is_as_expected(void **state)
{
	const struct claim_row *row = *state;
	struct addon addon = sign_on_addon(row->kind, SALT, NULL);
	struct addon *list[] = { &addon };
	struct sso_claim claim;
	int tokens = 0;

	verify(list, 1, row->form, "/sso", NULL, NOW * INT64_C(1000), 0,
	       &claim);
	assert_text(claim.user, row->user);
	assert_text(claim.email, row->email);
	assert_text(claim.app, row->app);
	assert_text(claim.nav_data, row->nav_data);
	while (claim.tokens[tokens])
		tokens++;
	assert_int_equal(tokens, row->tokens);
	assert_bool(claim.id_is_key, row->is_key);
	assert_int_equal(claim.valid_until, (NOW + 301) * INT64_C(1000));
}

static const char *nav_data_of(size_t length)
{
	struct addon addon = sign_on_addon("heroku/1", SALT, NULL);
	struct addon *list[] = { &addon };
	char *nav_data = arena_alloc(arena, length + 1);
	struct sso_claim claim;

	memset(nav_data, 'a', length);
	verify(list, 1, arena_printf(arena, V1 "&nav-data=%s", nav_data),
	       "/sso", NULL, NOW * INT64_C(1000), 0, &claim);
	return claim.nav_data;
}

static void nav_data_has_up_to_3_kibibytes(void)
{
	assert_non_null(nav_data_of(3072));
	assert_null(nav_data_of(3073));
}

/* ---- several add-ons ---- */

static void todays_salt_is_not_old(void)
{
	struct addon addon = sign_on_addon("heroku/3", SALT, OLD_SALT);
	struct addon *list[] = { &addon };
	struct sso_claim claim;

	verify(list, 1, WEAK, "/sso", NULL, NOW * INT64_C(1000), 0, &claim);
	assert_false(claim.has_old_salt);
}

static void yesterdays_salt_is_old(void)
{
	struct addon addon = sign_on_addon("heroku/3", OLD_SALT, SALT);
	struct addon *list[] = { &addon };
	struct sso_claim claim;

	verify(list, 1, WEAK, "/sso", NULL, NOW * INT64_C(1000), 0, &claim);
	assert_true(claim.has_old_salt);
}

static void a_token_belongs_to_one_addon(void)
{
	struct addon one = sign_on_addon("heroku/3", OLD_SALT, NULL);
	struct addon other = sign_on_addon("heroku/3", SALT, NULL);
	struct addon *orders[][2] = { { &one, &other }, { &other, &one } };
	struct sso_claim claim;

	for (int i = 0; i < 2; i++) {
		assert_text(
			sso_result_name(verify(orders[i], 2, WEAK, "/sso", NULL,
					       NOW * INT64_C(1000), 0, &claim)),
			"valid");
		assert_ptr_equal(claim.addon, &other);
	}
}

static void each_addon_verifies_by_its_dialect(void)
{
	struct addon one = sign_on_addon("heroku/1", SALT, NULL);
	struct addon other = sign_on_addon("heroku/3", OLD_SALT, NULL);
	struct addon *list[] = { &one, &other };
	struct sso_claim claim;

	assert_text(sso_result_name(verify(
			    list, 2, STRONG "&id=" ID "&token=" SHA1, "/sso",
			    NULL, NOW * INT64_C(1000), 0, &claim)),
		    "valid");
	assert_ptr_equal(claim.addon, &one);
}

static void a_token_that_fits_two_addons_claims_both(void)
{
	struct addon one = sign_on_addon("heroku/3", SALT, NULL);
	struct addon other = sign_on_addon("heroku/3", OLD_SALT, SALT);
	struct addon *list[] = { &one, &other };
	struct sso_claim claim;

	assert_text(sso_result_name(verify(list, 2, WEAK, "/sso", NULL,
					   NOW * INT64_C(1000), 0, &claim)),
		    "valid");
	assert_int_equal(claimed, 2);
	assert_ptr_equal(claim.addon, &one);
}

static void a_token_that_fits_too_many_addons_is_refused(void)
{
	struct addon addon = sign_on_addon("heroku/3", SALT, NULL);
	struct addon *list[SSO_MAX_CLAIMS + 1];
	struct sso_claim claim;

	for (int i = 0; i <= SSO_MAX_CLAIMS; i++)
		list[i] = &addon;
	assert_text(
		sso_result_name(verify(list, SSO_MAX_CLAIMS, WEAK, "/sso", NULL,
				       NOW * INT64_C(1000), 0, &claim)),
		"valid");
	assert_int_equal(claimed, SSO_MAX_CLAIMS);
	assert_text(
		sso_result_name(verify(list, SSO_MAX_CLAIMS + 1, WEAK, "/sso",
				       NULL, NOW * INT64_C(1000), 0, &claim)),
		"two-addons");
}

static void an_unreadable_home_may_know_the_salt(void)
{
	struct addon addon = sign_on_addon("heroku/3", OLD_SALT, NULL);
	struct addon *list[] = { &addon };
	struct sso_claim claim;

	assert_text(sso_result_name(verify(list, 1, WEAK, "/sso", NULL,
					   NOW * INT64_C(1000), 1, &claim)),
		    "undecided");
}

static void an_unreadable_home_has_not_signed_everything(void)
{
	static const char *const forms[][2] = {
		{ "id=1&timestamp=1", "no-token" },
		{ "resource_id=1&resource_token=x&timestamp=1", "wrong-token" },
		{ "resource_id=1&resource_token="
		  "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709"
		  "&timestamp=1",
		  "wrong-token" },
		{ WEAK "&resource_id=1", "field-repeated" },
	};
	struct addon addon = sign_on_addon("heroku/3", OLD_SALT, NULL);
	struct addon *list[] = { &addon };
	struct sso_claim claim;

	for (size_t i = 0; i < COUNT(forms); i++)
		assert_text(sso_result_name(verify(list, 1, forms[i][0], "/sso",
						   NULL, NOW * INT64_C(1000), 1,
						   &claim)),
			    forms[i][1]);
	assert_text(sso_result_name(verify(list, 1, WEAK, "/sso", NULL,
					   (NOW + 3600) * INT64_C(1000), 1,
					   &claim)),
		    "wrong-token");
}

static void a_valid_token_stays_valid_while_a_home_is_unreadable(void)
{
	struct addon addon = sign_on_addon("heroku/3", SALT, NULL);
	struct addon *list[] = { &addon };
	struct sso_claim claim;

	assert_text(sso_result_name(verify(list, 1, WEAK, "/sso", NULL,
					   NOW * INT64_C(1000), 1, &claim)),
		    "valid");
}

static void an_addon_without_a_salt_admits_no_browser(void)
{
	struct addon addon = sign_on_addon("heroku/3", NULL, NULL);
	struct addon *list[] = { &addon };
	struct sso_claim claim;

	assert_text(sso_result_name(verify(list, 1, WEAK, "/sso", NULL,
					   NOW * INT64_C(1000), 0, &claim)),
		    "no-addon");
}

static struct unit_check checks[] = {
	{ "nav-data has up to 3 KiB", nav_data_has_up_to_3_kibibytes },
	{ "today's salt is not old", todays_salt_is_not_old },
	{ "yesterday's salt is old", yesterdays_salt_is_old },
	{ "a token belongs to one add-on", a_token_belongs_to_one_addon },
	{ "each add-on verifies by its dialect",
	  each_addon_verifies_by_its_dialect },
	{ "a token that fits two add-ons claims both",
	  a_token_that_fits_two_addons_claims_both },
	{ "a token that fits too many add-ons is refused",
	  a_token_that_fits_too_many_addons_is_refused },
	{ "an unreadable home may have the salt",
	  an_unreadable_home_may_know_the_salt },
	{ "an unreadable home has not signed everything",
	  an_unreadable_home_has_not_signed_everything },
	{ "a valid token stays valid while a home is unreadable",
	  a_valid_token_stays_valid_while_a_home_is_unreadable },
	{ "an add-on without a salt refuses sign-ons",
	  an_addon_without_a_salt_admits_no_browser },
};

int main(void)
{
	UNIT_ROWS(vectors, vector_is_valid);
	UNIT_ROWS(results, result_is_as_expected);
	UNIT_ROWS(times, time_is_checked);
	UNIT_ROWS(paths, path_is_checked);
	UNIT_ROWS(claims, claim_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("sso");
}
