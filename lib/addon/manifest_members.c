#include "lib/addon/manifest_members.h"

#include <string.h>

#include "lib/addon/home_file.h"
#include "lib/addon/manifest_part.h"
#include "lib/base/base.h"
#include "lib/dialect/dialect.h"
#include "lib/text/json.h"

static const char *const api_members[] = {
	"config_vars", "config_vars_prefix", "password", "production",
	"regions",     "requires",           "sso_salt", "test",
	"version",
};

bool manifest_members_has(const char *name)
{
	for (size_t i = 0; i < COUNT(api_members); i++)
		if (strcmp(api_members[i], name) == 0)
			return true;
	return false;
}

static bool is_in_names(const char *name, const char *const *names)
{
	for (; names && *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static bool is_member_name(const char *name, const char *other)
{
	return other && strcmp(name, other) == 0;
}

/* Return true if provisor does not read the member from a manifest of this
 * form, although it does from others. */
static bool is_of_other_form(const struct manifest *m, const char *name)
{
	const struct {
		const char *name;
		bool is_read;
	} members[] = {
		{ "version", m->form->has_version },
		{ "requires", m->form->has_requires },
		{ "config_vars_prefix", m->form->has_prefix },
		{ "plans", m->form->has_plans },
	};

	for (size_t i = 0; i < COUNT(members); i++)
		if (strcmp(members[i].name, name) == 0)
			return !members[i].is_read;
	return false;
}

/* In a manifest without api, the members of both are in one object. */
static bool is_known_member(const struct manifest *m, const struct json *member)
{
	static const char *const others[] = { "$base", "username", NULL };
	const char *name = json_name(member);

	if (is_of_other_form(m, name))
		return false;
	if (manifest_members_has(name) || is_in_names(name, others))
		return true;
	return !m->form->api
		&& (is_member_name(name, m->form->id)
		    || is_member_name(name, m->form->log_drain)
		    || is_member_name(name, "plans")
		    || is_in_names(name, m->form->others));
}

/* An unknown member is not an error: marketplaces add their own members. */
static void warn_of_unknown_members(const struct manifest *m)
{
	const struct json *member;

	for (member = json_first(m->api); member; member = json_next(member))
		if (!is_known_member(m, member))
			home_file_warn(&m->file,
				       manifest_field(m, json_name(member)),
				       "is unknown and has no effect: correct "
				       "its spelling, unless the marketplace "
				       "has put it there");
}

/*
 * A member of "api" that is beside it has no effect.  This is an error if api
 * lacks it, because the add-on would then work differently than intended: a
 * version there, for example, would be version 1.
 */
static void refuse_misplaced_members(const struct manifest *m)
{
	const struct json *member =
		m->form->api ? json_first(m->file.document) : NULL;

	for (; member; member = json_next(member)) {
		const char *name = json_name(member);

		if (!manifest_members_has(name))
			continue;
		if (json_member(m->api, name))
			home_file_warn(&m->file, name,
				       "is outside api and has no effect; "
				       "api.%s is in force: remove it",
				       name);
		else
			home_file_error(&m->file, name,
					"is outside api, where it has no "
					"effect: move it into api");
	}
}

void manifest_members_check(const struct manifest *m)
{
	refuse_misplaced_members(m);
	warn_of_unknown_members(m);
}
