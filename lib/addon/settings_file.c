#include "lib/addon/settings_file.h"

#include <string.h>
#include <sys/stat.h>

#include "lib/addon/addon.h"
#include "lib/addon/home_file.h"
#include "lib/addon/sign_on_target.h"
#include "lib/base/arena.h"
#include "lib/base/file_watch.h"
#include "lib/base/utf8.h"
#include "lib/dialect/dialect.h"
#include "lib/text/json.h"
#include "lib/text/number.h"
#include "lib/text/url.h"

enum {
	LONGEST_MESSAGE = 1024, /* bytes, as in the answer of a listener */
	MOST_ORIGINS = 8,       /* of pages with frames */
	HTTPS = sizeof "https://" - 1
};

struct settings_file {
	struct home_file file;
	struct addon *addon;
};

/* A plan to which another plan can be changed must itself be listed. */
static void check_plan(const struct settings_file *s, const struct json *plans,
		       const struct json *plan)
{
	static const char *const names[] = { "to" };
	struct arena *arena = s->file.arena;
	const struct json *to = json_member(plan, "to");
	const char *field = arena_printf(arena, "plans.%s", json_name(plan));
	const struct json *target;

	if (!json_is_object(plan) || (to && !json_is_array(to))) {
		home_file_error(&s->file, field,
				"must be an object such as "
				"{\"to\":[\"premium\"]}");
		return;
	}
	home_file_refuse_unknown(&s->file, arena_printf(arena, "%s.", field),
				 plan, names, COUNT(names));
	for (target = json_first(to); target; target = json_next(target))
		if (!json_text(target)
		    || !json_member(plans, json_text(target)))
			home_file_error(&s->file,
					arena_printf(arena, "%s.to", field),
					"must contain only plans that are "
					"listed in plans");
}

static void read_plans(struct settings_file *s, const struct json *plans)
{
	const struct json *plan;

	if (!json_is_object(plans) || json_count(plans) == 0) {
		home_file_error(&s->file, "plans",
				"must be an object with a member per plan");
		return;
	}
	for (plan = json_first(plans); plan; plan = json_next(plan))
		check_plan(s, plans, plan);
	s->addon->plans = plans;
}

static void read_valid_secrets(struct settings_file *s, const char *name,
			       const struct json *list,
			       struct addon_secrets *secrets)
{
	const char *field = arena_printf(s->file.arena, "also_valid.%s", name);
	const struct json *entry;

	if (list && !json_is_array(list))
		home_file_error(&s->file, field, "must be an array of strings");
	for (entry = json_first(list); entry; entry = json_next(entry)) {
		if (json_text(entry))
			home_file_take_old_secret(&s->file, field,
						  json_text(entry), secrets);
		else
			home_file_error(&s->file, field,
					"must be an array of strings");
	}
}

static void read_also_valid(struct settings_file *s, const struct json *value)
{
	static const char *const names[] = { "passwords", "salts" };

	if (!json_is_object(value)) {
		home_file_error(&s->file, "also_valid",
				"must be an object with passwords and salts");
		return;
	}
	home_file_refuse_unknown(&s->file, "also_valid.", value, names,
				 COUNT(names));
	read_valid_secrets(s, "passwords", json_member(value, "passwords"),
			   &s->addon->passwords);
	read_valid_secrets(s, "salts", json_member(value, "salts"),
			   &s->addon->salts);
}

static void read_dashboard(struct settings_file *s, const struct json *value)
{
	const char *target = json_text(value);
	const char *fault = sign_on_target_fault(s->file.arena, target);

	if (fault)
		home_file_error(&s->file, "dashboard",
				"%s; ${id} in it stands for the resource's id, "
				"${action} and ${context_app} for what the "
				"marketplace sent",
				fault);
	else
		s->addon->dashboard = target;
}

static void read_client_secret(struct settings_file *s,
			       const struct json *value)
{
	static const char field[] = "client_secret_file";
	const char *path = json_text(value);

	if (!path || path[0] != '/') {
		home_file_error(&s->file, field, "must be an absolute path");
		return;
	}
	file_watch_add(s->addon->files, path);
	s->addon->client_secret_file = path;
	s->addon->client_secret = home_file_read_line(&s->file, field, path);
}

static void read_provision(struct settings_file *s, const struct json *value)
{
	s->addon->provisions_later =
		json_text(value) && strcmp(json_text(value), "async") == 0;
	if (!s->addon->provisions_later)
		home_file_error(&s->file, "provision",
				"must be \"async\" or absent");
}

static void read_pending_message(struct settings_file *s,
				 const struct json *value)
{
	const char *message = json_text(value);

	if (message && *message && strlen(message) <= LONGEST_MESSAGE
	    && !utf8_has_controls(message))
		s->addon->pending_message = message;
	else
		home_file_error(&s->file, "pending_message",
				"must be a sentence of at most 1 KiB, without "
				"line breaks");
}

/* A session needs the event of its sign-on, and events may be removed after 30
 * days (PROVISOR_KEEP_EVENTS). */
static const int64_t longest_session = INT64_C(30) * 24 * 3600 * 1000; /* ms */

static void read_session_length(struct settings_file *s,
				const struct json *value)
{
	if (!number_read_duration(json_text(value), &s->addon->session)
	    || s->addon->session > longest_session)
		home_file_error(&s->file, "session",
				"must be a duration such as \"8h\", at most "
				"\"30d\"");
}

static const int64_t longest_keep = INT64_C(90) * 24 * 3600 * 1000; /* ms */

static void read_keep(struct settings_file *s, const struct json *value)
{
	if (!number_read_duration(json_text(value), &s->addon->keep)
	    || s->addon->keep > longest_keep)
		home_file_error(&s->file, "keep",
				"must be a duration such as \"7d\", at most "
				"\"90d\"");
}

static void read_replay_guard(struct settings_file *s, const struct json *value)
{
	if (!json_is_bool(value))
		home_file_error(&s->file, "replay_guard",
				"must be true or false");
	s->addon->guards_replay = json_is_true(value);
}

static void read_user_requirement(struct settings_file *s,
				  const struct json *value)
{
	static const char field[] = "require_user";

	s->addon->requires_user = json_is_true(value);
	if (!json_is_bool(value))
		home_file_error(&s->file, field, "must be true or false");
	else if (s->addon->requires_user && s->addon->dialect
		 && !dialect_signs_user(s->addon->dialect))
		home_file_error(&s->file, field,
				"must be false or absent, because the "
				"marketplace does not sign the user in this "
				"version of the API");
}

/* Return the origin of a URL that has no more than that, as a Content Security
 * Policy writes it; otherwise NULL. */
static const char *read_origin(struct arena *arena, const char *text)
{
	const struct url url = url_read(arena, text, URL_BARE);

	if (url.fault || strcmp(url.path, "/") != 0
	    || url.host[strspn(url.host,
			       "0123456789-."
			       "abcdefghijklmnopqrstuvwxyz"
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZ")])
		return NULL;
	return arena_strndup(arena, text, strcspn(text + HTTPS, "/") + HTTPS);
}

/* Return the origins of an array, separated by blanks; NULL for an empty one.
 * Clear *is_valid if it has anything else. */
static const char *join_origins(struct arena *arena, const struct json *list,
				bool *is_valid)
{
	const char *origins = NULL;
	const struct json *entry;

	*is_valid = json_count(list) <= MOST_ORIGINS;
	for (entry = json_first(list); entry; entry = json_next(entry)) {
		const char *origin = read_origin(arena, json_text(entry));

		*is_valid = *is_valid && origin;
		origins = arena_join(arena, origins, origins ? " " : NULL,
				     origin);
	}
	return origins;
}

static void read_framing(struct settings_file *s, const struct json *value)
{
	struct json *one = json_array(s->file.arena);
	bool is_valid;

	json_append(one, value);
	s->addon->framed_by = join_origins(
		s->file.arena, json_is_array(value) ? value : one, &is_valid);
	if (!is_valid)
		home_file_error(&s->file, "framed_by",
				"must be an origin such as "
				"\"https://console.example.com\", without a "
				"path, or an array of at most 8 of them");
}

/* The old form may leave the user unsigned, so no vendor gets it unasked. */
static void read_legacy_sign_on(struct settings_file *s,
				const struct json *value)
{
	static const char field[] = "legacy_sign_on";

	s->addon->accepts_legacy_sign_on = json_is_true(value);
	if (!json_is_bool(value))
		home_file_error(&s->file, field, "must be true or false");
	else if (s->addon->accepts_legacy_sign_on && s->addon->dialect
		 && !dialect_has_legacy_sign_on(s->addon->dialect))
		home_file_error(&s->file, field,
				"must be false or absent, because the "
				"marketplace has replaced no form of sign-on "
				"in this version of the API");
}

static void read_platform(struct settings_file *s, const struct json *value)
{
	if (!json_is_bool(value))
		home_file_error(&s->file, "platform", "must be true or false");
	s->addon->gives_platform = json_is_true(value);
}

/* Read an address that takes the place of the dialect's.  Local tests may use
 * http. */
static const char *read_api_url(struct settings_file *s, const char *field,
				const struct json *value)
{
	const char *text = json_text(value);
	const struct url url =
		url_read(s->file.arena, text ? text : "", URL_OR_HTTP);

	if (s->addon->dialect && !s->addon->dialect->api)
		home_file_error(&s->file, field,
				"must be absent, because provisor does not "
				"call this marketplace");
	else if (!text || url.fault)
		home_file_error(&s->file, field, "%s",
				text ? url.fault
				     : "must be a URL such as "
				       "https://api.example.com");
	else
		return text;
	return NULL;
}

static void read_platform_url(struct settings_file *s, const struct json *value)
{
	s->addon->platform_url = read_api_url(s, "platform_url", value);
}

static void read_token_url(struct settings_file *s, const struct json *value)
{
	s->addon->token_url = read_api_url(s, "token_url", value);
}

/* The marketplace gives tokens only in exchange for a client secret. */
static void require_client_secret(struct settings_file *s)
{
	struct addon *addon = s->addon;
	bool wants = addon->gives_platform;

	addon->gives_platform = wants && addon->client_secret_file
		&& addon->dialect && addon_has_tokens(addon);
	if (!wants || addon->gives_platform)
		return;
	if (addon->dialect && !addon_has_tokens(addon))
		home_file_error(&s->file, "platform",
				"must be false or absent, because the "
				"marketplace gives no tokens in this version "
				"of the API");
	else
		home_file_error(&s->file, "platform",
				"needs client_secret_file beside it, because "
				"the marketplace gives tokens in exchange for "
				"the client secret");
}

static void read_settings(struct settings_file *s)
{
	static const struct {
		const char *name;
		void (*read)(struct settings_file *s, const struct json *value);
	} members[] = {
		{ "plans", read_plans },
		{ "also_valid", read_also_valid },
		{ "dashboard", read_dashboard },
		{ "client_secret_file", read_client_secret },
		{ "provision", read_provision },
		{ "pending_message", read_pending_message },
		{ "session", read_session_length },
		{ "keep", read_keep },
		{ "replay_guard", read_replay_guard },
		{ "require_user", read_user_requirement },
		{ "framed_by", read_framing },
		{ "legacy_sign_on", read_legacy_sign_on },
		{ "platform", read_platform },
		{ "platform_url", read_platform_url },
		{ "token_url", read_token_url },
	};
	const char *names[COUNT(members)];

	for (size_t i = 0; i < COUNT(members); i++) {
		const struct json *value =
			json_member(s->file.document, members[i].name);

		names[i] = members[i].name;
		if (value)
			members[i].read(s, value);
	}
	require_client_secret(s);
	home_file_refuse_unknown(&s->file, "", s->file.document, names,
				 COUNT(names));
}

/* The file is optional, but a dangling link is an error. */
void settings_file_read(struct addon *addon, struct findings *findings)
{
	const char *path =
		arena_join(addon->arena, addon->home, "/settings.json");
	struct settings_file s = { .addon = addon };
	struct stat status;

	if (lstat(path, &status) != 0)
		return;
	s.file = home_file_read(addon->arena, path, findings);
	read_settings(&s);
}
