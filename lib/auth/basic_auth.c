#include "lib/auth/basic_auth.h"

#include <string.h>
#include <strings.h>

#include "lib/addon/addon.h"
#include "lib/addon/addon_index.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/crypto/base64.h"
#include "lib/crypto/secret.h"

enum { MAX_HEADER = 1024 }; /* bytes */

struct credentials {
	const char *user;
	const char *password;
};

/* Read "Basic BASE64(user:password)".  The password may contain colons. */
static bool read_credentials(struct arena *arena, const char *header,
			     struct credentials *credentials)
{
	static const char scheme[] = "basic";
	const unsigned char *bytes;
	char *user, *colon;
	size_t size;

	if (!header || strlen(header) > MAX_HEADER
	    || strncasecmp(header, scheme, strlen(scheme)) != 0)
		return false;
	header += strlen(scheme);
	if (*header != ' ')
		return false;
	header += strspn(header, " ");
	bytes = base64_decode(arena, header, &size);
	if (!bytes || memchr(bytes, '\0', size))
		return false;
	user = arena_strndup(arena, (const char *)bytes, size);
	colon = strchr(user, ':');
	if (!colon)
		return false;
	*colon = '\0';
	*credentials = (struct credentials){ user, colon + 1 };
	return true;
}

/* Return the index of the secret that value equals, or -1.  Compare with all
 * secrets, so that the timing does not reveal which one matches. */
static int find_secret(const struct addon_secrets *secrets, const char *value)
{
	int found = -1;

	for (int i = 0; i < secrets->count; i++)
		if (secret_equal(secrets->values[i], value))
			found = i;
	return found;
}

static enum outcome outcome_for_addon(const struct addon *addon, bool is_right)
{
	/* The password is unreadable, so any password may be right. */
	bool is_undecided = !addon->is_valid && !addon->has_password;

	if (!is_right && !is_undecided)
		return OUTCOME_UNAUTHENTICATED;
	return addon->is_valid ? OUTCOME_OK : OUTCOME_UNAVAILABLE;
}

enum outcome basic_auth_verify(const struct addons *addons,
			       const struct url_path *path, const char *header,
			       struct arena *arena, const struct addon **addon,
			       bool *is_old)
{
	enum outcome outcome = addons->unreadable > 0 ? OUTCOME_UNAVAILABLE
						      : OUTCOME_UNAUTHENTICATED;
	const struct name_entry *entry;
	struct credentials given;

	*addon = NULL;
	*is_old = false;
	if (!read_credentials(arena, header, &given))
		return OUTCOME_UNAUTHENTICATED;
	for (entry = addons_of_user(addons, given.user); entry;
	     entry = name_map_next(entry)) {
		const struct addon *one = entry->value;
		enum outcome one_outcome;
		int secret;

		if (!url_path_equal(&one->resources, path))
			continue;
		secret = find_secret(&one->passwords, given.password);
		one_outcome = outcome_for_addon(one, secret >= 0);
		/* Two homes may have the same id: prefer the one whose
		 * password matches. */
		if (*addon && one_outcome == OUTCOME_UNAUTHENTICATED)
			continue;
		*addon = one;
		*is_old = secret > 0;
		outcome = one_outcome;
	}
	/* Take as long for an unknown user as for a wrong password. */
	if (!*addon)
		(void)!secret_equal("", given.password);
	return outcome;
}
