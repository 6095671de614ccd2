#include "lib/addon/config_names.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/home_file.h"
#include "lib/addon/manifest_part.h"
#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"
#include "lib/text/json.h"

/* Return FAST_DB for the id fast-db. */
static const char *write_default_prefix(struct arena *arena, const char *id)
{
	char *prefix = arena_strdup(arena, id);

	for (char *c = prefix; *c; c++) {
		const char *letter = strchr(MANIFEST_LOWER, *c);

		if (letter)
			*c = MANIFEST_UPPER[letter - MANIFEST_LOWER];
		else if (*c == '-')
			*c = '_';
	}
	return prefix;
}

static bool is_config_name(const char *name)
{
	return manifest_has_only(name, MANIFEST_UPPER MANIFEST_DIGITS "_")
		&& strchr(MANIFEST_UPPER, *name);
}

/* Return the prefix of config vars without its last _, or NULL if it is
 * unknown, after adding the reason to the findings. */
static const char *read_config_prefix(const struct manifest *m)
{
	const struct json *member = json_member(m->api, "config_vars_prefix");
	const char *prefix = json_text(member);

	if (!member)
		return m->addon->id
			? write_default_prefix(m->file.arena, m->addon->id)
			: NULL;
	if (prefix && is_config_name(prefix)
	    && prefix[strlen(prefix) - 1] != '_')
		return prefix;
	home_file_error(&m->file, manifest_field(m, "config_vars_prefix"),
			"must be a string of capital letters, digits and _, "
			"such as FAST_DB; the _ after it is not a part of it");
	return NULL;
}

static bool has_config_prefix(const char *name, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(name, prefix, length) == 0 && name[length] == '_'
		&& name[length + 1];
}

/* Customers use the names in their code, so renaming is the last resort. */
static void check_config_name(const struct manifest *m, const char *name,
			      const char *prefix)
{
	const char *field =
		arena_printf(m->file.arena, "%s: \"%s\"",
			     manifest_field(m, "config_vars"), name);

	if (!is_config_name(name))
		home_file_error(&m->file, field,
				"must be a name of capital letters, digits "
				"and _");
	else if (prefix && !has_config_prefix(name, prefix))
		home_file_error(&m->file, field,
				"must begin with %s_: if customers use the "
				"name already, set %s to its beginning, "
				"otherwise rename it",
				prefix,
				manifest_field(m, "config_vars_prefix"));
}

void config_names_read(struct manifest *m)
{
	const struct json *names = json_member(m->api, "config_vars");
	const char *prefix = m->form->has_prefix ? read_config_prefix(m) : NULL;
	const struct json *name;

	if (!names)
		return;
	if (!manifest_is_array_of_strings(names)) {
		home_file_error(&m->file, manifest_field(m, "config_vars"),
				"must be an array of names, such as "
				"[\"FAST_DB_URL\"]");
		return;
	}
	for (name = json_first(names); name; name = json_next(name))
		check_config_name(m, json_text(name), prefix);
	m->addon->config_vars = names;
}
