/*
 * settings_file.c - reads settings.json, our own part of an add-on's home.
 */
#include "lib/addon/addon.h"

#include <string.h>
#include <sys/stat.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/findings.h"
#include "lib/text/json.h"
#include "lib/text/number.h"
#include "lib/text/url.h"
#include "lib/base/file_watch.h"

struct home_settings {
	struct addon *addon;
	struct arena *arena;
	struct file_watch *watch;
	struct findings *findings;
	const char *file;
};

static void error(const struct home_settings *s, const char *field,
		  const char *remedy)
{
	finding_error(s->findings, "%s: %s %s", s->file, field, remedy);
}

static void refuse_unknown(const struct home_settings *s, const char *within,
			   const struct json *object, const char *const names[],
			   size_t count)
{
	addon_refuse_unknown(s->file, within, object, names, count,
			     s->findings);
}

/* Plans that may be changed to must themselves be listed. */
static void check_plan(const struct home_settings *s, const struct json *plans,
		       const struct json *plan)
{
	static const char *const names[] = { "to" };
	const struct json *to = json_member(plan, "to");
	const char *field = arena_printf(s->arena, "plans.%s", json_name(plan));
	const struct json *target;

	if (!json_is_object(plan) || (to && !json_is_array(to))) {
		error(s, field,
		      "must be an object such as {\"to\":[\"premium\"]}");
		return;
	}
	refuse_unknown(s, arena_printf(s->arena, "%s.", field), plan, names,
		       COUNT(names));
	for (target = json_first(to); target; target = json_next(target))
		if (!json_text(target)
		    || !json_member(plans, json_text(target)))
			error(s, arena_printf(s->arena, "%s.to", field),
			      "must name plans that are listed in plans");
}

static void read_plans(struct home_settings *s, const struct json *plans)
{
	const struct json *plan;

	if (!json_is_object(plans) || json_count(plans) == 0) {
		error(s, "plans", "must be an object with a member per plan");
		return;
	}
	for (plan = json_first(plans); plan; plan = json_next(plan))
		check_plan(s, plans, plan);
	s->addon->plans = plans;
}

static void take_secrets(struct home_settings *s, const char *name,
			 const struct json *list, struct addon_secrets *secrets)
{
	const char *field = arena_printf(s->arena, "also_valid.%s", name);
	const struct json *entry;

	if (list && !json_is_array(list))
		error(s, field, "must be an array of texts");
	for (entry = json_first(list); entry; entry = json_next(entry)) {
		if (json_text(entry))
			addon_take_secret(secrets, s->arena, json_text(entry),
					  arena_printf(s->arena, "%s: %s",
						       s->file, field),
					  s->findings);
		else
			error(s, field, "must be an array of texts");
	}
}

static void read_also_valid(struct home_settings *s, const struct json *value)
{
	static const char *const names[] = { "passwords", "salts" };

	if (!json_is_object(value)) {
		error(s, "also_valid",
		      "must be an object with passwords and salts");
		return;
	}
	refuse_unknown(s, "also_valid.", value, names, COUNT(names));
	take_secrets(s, "passwords", json_member(value, "passwords"),
		     &s->addon->passwords);
	take_secrets(s, "salts", json_member(value, "salts"), &s->addon->salts);
}

/* It becomes a header of ours, filled in. */
static void read_dashboard(struct home_settings *s, const struct json *value)
{
	const char *fault;

	s->addon->dashboard = json_text(value);
	fault = url_read(s->arena, addon_dashboard(s->addon, s->arena, "id"),
			 URL_HTTPS)
			.fault;
	if (!fault)
		return;
	error(s, "dashboard",
	      arena_printf(s->arena,
			   "%s; ${id} in it stands for the resource's id",
			   fault));
	s->addon->dashboard = NULL;
}

/* The one line of a file, which may end in blanks or not; NULL when it has no
 * such line. */
static const char *only_line(struct arena *arena, const char *text,
			     size_t length)
{
	size_t end = strcspn(text, " \t\r\n");

	return end > 0 && end + strspn(text + end, " \t\r\n") == length
		? arena_strndup(arena, text, end)
		: NULL;
}

static void read_client_secret_file(struct home_settings *s,
				    const struct json *value)
{
	const char *path = json_text(value);
	const char *text;
	size_t length;

	if (!path || path[0] != '/') {
		error(s, "client_secret_file", "must be an absolute path");
		return;
	}
	file_watch_add(s->watch, path);
	text = addon_read_text(
		s->arena, path,
		arena_printf(s->arena, "%s: client_secret_file", s->file),
		&length, s->findings);
	if (!text)
		return;
	s->addon->client_secret_file = path;
	s->addon->client_secret = only_line(s->arena, text, length);
	if (!s->addon->client_secret)
		error(s, "client_secret_file",
		      "must hold the secret on one line, and nothing else");
}

static void read_provision(struct home_settings *s, const struct json *value)
{
	s->addon->provisions_later =
		json_text(value) && strcmp(json_text(value), "async") == 0;
	if (!s->addon->provisions_later)
		error(s, "provision", "can only be \"async\"");
}

static void read_session(struct home_settings *s, const struct json *value)
{
	if (!number_read_duration(json_text(value), &s->addon->session))
		error(s, "session", "must be a duration such as \"8h\"");
}

static void read_replay_guard(struct home_settings *s, const struct json *value)
{
	if (!json_is_bool(value))
		error(s, "replay_guard", "must be true or false");
	s->addon->guards_replay = json_is_true(value);
}

void addon_read_settings(struct addon *addon, struct file_watch *watch,
			 struct findings *findings)
{
	static const struct {
		const char *name;
		void (*read)(struct home_settings *s, const struct json *value);
	} members[] = {
		{ "plans", read_plans },
		{ "also_valid", read_also_valid },
		{ "dashboard", read_dashboard },
		{ "client_secret_file", read_client_secret_file },
		{ "provision", read_provision },
		{ "session", read_session },
		{ "replay_guard", read_replay_guard },
	};
	struct home_settings s = {
		.addon = addon,
		.arena = addon->arena,
		.watch = watch,
		.findings = findings,
		.file = arena_printf(addon->arena, "%s/settings.json",
				     addon->home),
	};
	const char *names[COUNT(members)];
	struct stat status; /* a link to nowhere is a mistake, not "none" */
	const struct json *document;

	if (lstat(s.file, &status) != 0)
		return;
	document = addon_read_file(addon->arena, s.file, findings);
	for (size_t i = 0; i < COUNT(members); i++) {
		const struct json *value =
			json_member(document, members[i].name);

		names[i] = members[i].name;
		if (value)
			members[i].read(&s, value);
	}
	refuse_unknown(&s, "", document, names, COUNT(names));
}
