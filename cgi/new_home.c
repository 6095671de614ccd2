#include "cgi/new_home.h"

#include <ctype.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/dialect.h"
#include "lib/secret.h"

enum { SECRET_LENGTH = 32 };

/* fast-db as FAST_DB. */
static const char *prefix_of(struct arena *arena, const char *slug)
{
	char *prefix = arena_strdup(arena, slug);

	for (char *c = prefix; *c; c++) {
		if (*c == '-')
			*c = '_';
		else
			*c = (char)toupper((unsigned char)*c);
	}
	return prefix;
}

/* fast-db as Fast Db. */
static const char *title_of(struct arena *arena, const char *slug)
{
	char *title = arena_strdup(arena, slug);

	for (char *c = title; *c; c++) {
		if (*c == '-')
			*c = ' ';
		else if (c == title || c[-1] == ' ')
			*c = (char)toupper((unsigned char)*c);
	}
	return title;
}

/* Letters and digits are what is left of base64url without its two signs. */
static const char *random_alphanumerics(struct arena *arena)
{
	char *text = arena_alloc(arena, SECRET_LENGTH + 1);
	size_t length = 0;

	while (length < SECRET_LENGTH) {
		const char *c = secret_random(arena, SECRET_LENGTH);

		for (; *c && length < SECRET_LENGTH; c++)
			if (isalnum((unsigned char)*c))
				text[length++] = *c;
	}
	return text;
}

/*
 * As `heroku addons:admin:manifest:generate` (heroku-cli-addons-admin) writes
 * it: the order of members, JSON.stringify(…, null, 2), no newline at the end.
 * No value has a character that JSON would want escaped.
 */
const char *new_home_manifest(struct arena *arena,
			      const struct dialect *dialect, const char *url,
			      const char *slug)
{
	const char *prefix = prefix_of(arena, slug);

	return arena_printf(arena,
			    "{\n"
			    "  \"id\": \"%s\",\n"
			    "  \"api\": {\n"
			    "    \"config_vars_prefix\": \"%s\",\n"
			    "    \"config_vars\": [\n"
			    "      \"%s_URL\"\n"
			    "    ],\n"
			    "    \"password\": \"%s\",\n"
			    "    \"sso_salt\": \"%s\",\n"
			    "    \"regions\": [\n"
			    "      \"us\",\n"
			    "      \"eu\"\n"
			    "    ],\n"
			    "    \"requires\": [],\n"
			    "    \"production\": {\n"
			    "      \"base_url\": \"%s%s\",\n"
			    "      \"sso_url\": \"%s/sso/login\"\n"
			    "    },\n"
			    "    \"version\": \"%s\"\n"
			    "  },\n"
			    "  \"name\": \"%s\"\n"
			    "}",
			    slug, prefix, prefix, random_alphanumerics(arena),
			    random_alphanumerics(arena), url,
			    dialect->resources_path, url, dialect->version,
			    title_of(arena, slug));
}

const char *new_home_template(struct arena *arena, const char *url,
			      const char *slug)
{
	return arena_printf(
		arena,
		"{\n"
		"  \"config\": {\n"
		"    \"%s_URL\": \"%s/${id}?token=${secret:token}\"\n"
		"  },\n"
		"  \"message\": \"Your %s is ready.\",\n"
		"  \"plan_message\": \"Your %s is on the ${plan} plan now.\"\n"
		"}\n",
		prefix_of(arena, slug), url, title_of(arena, slug),
		title_of(arena, slug));
}
