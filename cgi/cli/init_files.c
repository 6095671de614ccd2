#include "cgi/cli/init_files.h"

#include <ctype.h>
#include <string.h>

#include "cgi/cli/init_listener.h"
#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"
#include "lib/crypto/random.h"

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
		const char *c = random_text(arena, SECRET_LENGTH);

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
static const char *manifest(struct arena *arena, const struct init_files *home)
{
	const char *prefix = prefix_of(arena, home->slug);

	return arena_printf(
		arena,
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
		home->slug, prefix, prefix, random_alphanumerics(arena),
		random_alphanumerics(arena), home->url,
		home->dialect->resources_path, home->url,
		home->dialect->version, title_of(arena, home->slug));
}

static const char *template(struct arena *arena, const struct init_files *home)
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
		prefix_of(arena, home->slug), home->url,
		title_of(arena, home->slug), title_of(arena, home->slug));
}

static const char *settings(struct arena *arena, const struct init_files *home)
{
	(void)arena;
	(void)home;
	return "{}\n";
}

#define DEFINE_HOOK(name, action)                                              \
	static const char *name(struct arena *arena,                           \
				const struct init_files *home)                 \
	{                                                                      \
		return init_listener_hook(arena, action,                       \
					  prefix_of(arena, home->slug),        \
					  title_of(arena, home->slug));        \
	}

DEFINE_HOOK(provision, LISTENER_PROVISION)
DEFINE_HOOK(change_plan, LISTENER_CHANGE_PLAN)
DEFINE_HOOK(deprovision, LISTENER_DEPROVISION)
DEFINE_HOOK(sign_on, LISTENER_SIGN_ON)

static const char *source(struct arena *arena, const struct init_files *home)
{
	return init_listener_source(arena, prefix_of(arena, home->slug),
				    title_of(arena, home->slug));
}

const struct init_files_file new_home_files[] = {
	{ "addon-manifest.json", ADDON_NO_LISTENER, 0600, manifest },
	{ "settings.json", ADDON_NO_LISTENER, 0600, settings },
	{ "template.json", ADDON_TEMPLATE, 0600, template },
	{ "hooks/provision", ADDON_EXEC, 0700, provision },
	{ "hooks/change-plan", ADDON_EXEC, 0700, change_plan },
	{ "hooks/deprovision", ADDON_EXEC, 0700, deprovision },
	{ "hooks/sign-on", ADDON_EXEC, 0700, sign_on },
	{ "listener.c", ADDON_SO, 0600, source },
	{ NULL, ADDON_NO_LISTENER, 0, NULL },
};
