/* A caller that is authenticated has sent the id and a password of an add-on.
 */
#include "fuzz.h"

#include <string.h>
#include <strings.h>

#include "lib/addon/addon.h"
#include "lib/addon/addon_index.h"
#include "lib/addon/addons.h"
#include "lib/auth/basic_auth.h"
#include "lib/base/base.h"

static const char *passwords[] = { "todays-password", "yesterdays:pass" };
static const char *segments[] = { "heroku", "resources" };

static struct addon fast_db = {
	.id = "fast-db",
	.user = "fast-db",
	.passwords = { COUNT(passwords), passwords },
	.has_password = true,
	.resources = { COUNT(segments), segments, false },
	.is_valid = true,
};
static struct addon broken_db = {
	.id = "broken-db",
	.user = "broken-db",
	.passwords = { 1, passwords },
	.has_password = true,
	.resources = { COUNT(segments), segments, false },
};

static const struct {
	const char *token; /* base64 of the id, a colon and the password */
	const struct addon *addon;
	enum outcome outcome;
	bool is_old;
} right[] = {
	{ "ZmFzdC1kYjp0b2RheXMtcGFzc3dvcmQ=", &fast_db, OUTCOME_OK, false },
	{ "ZmFzdC1kYjp5ZXN0ZXJkYXlzOnBhc3M=", &fast_db, OUTCOME_OK, true },
	{ "YnJva2VuLWRiOnRvZGF5cy1wYXNzd29yZA==", &broken_db,
	  OUTCOME_UNAVAILABLE, false },
};

static bool is_header(const char *text, const char *token)
{
	return strncasecmp(text, "basic ", 6) == 0
		&& strcmp(text + 5 + strspn(text + 5, " "), token) == 0;
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	struct addon *list[] = { &fast_db, &broken_db };
	struct addons addons = { .arena = arena,
				 .count = COUNT(list),
				 .list = list };
	enum outcome expected = OUTCOME_UNAUTHENTICATED;
	bool is_old, should_be_old = false;
	const struct addon *addon;
	enum outcome outcome;

	(void)length;
	addons_index(&addons);
	outcome = basic_auth_verify(&addons, &fast_db.resources, text, arena,
				    &addon, &is_old);
	for (size_t i = 0; i < COUNT(right); i++) {
		if (!is_header(text, right[i].token))
			continue;
		assert(addon == right[i].addon);
		expected = right[i].outcome;
		should_be_old = right[i].is_old;
	}
	assert(outcome == expected && is_old == should_be_old);
}
