/*
 * sso_parameters.c - what a sign-on has besides the fields of a dialect.
 */
#include "lib/auth/sso.h"

#include <string.h>

#include "lib/text/form.h"
#include "lib/text/json.h"

static bool is_named(const char *name, const char *field)
{
	return field && strcmp(name, field) == 0;
}

static bool sso_has_field(const struct dialect_sso *sso, const char *name)
{
	for (const struct dialect_token *t = sso->tokens; t->field; t++)
		if (is_named(name, t->field) || dialect_token_signs(t, name))
			return true;
	return is_named(name, sso->timestamp) || is_named(name, sso->user)
		|| is_named(name, sso->email) || is_named(name, sso->app);
}

/* A form for one version of an API has the fields of earlier ones, too. */
static bool is_of_contract(const char *name)
{
	for (int i = 0; dialects[i]; i++)
		if (sso_has_field(dialects[i]->sso, name))
			return true;
	return strcmp(name, "nav-data") == 0;
}

const struct json *sso_parameters(struct arena *arena, const struct form *form)
{
	struct json *parameters = json_object(arena);
	int count = 0;

	for (int i = 0; i < form->count && count < SSO_MOST_PARAMETERS; i++) {
		const struct form_field *field = &form->fields[i];

		if (is_of_contract(field->name)
		    || strlen(field->name) > SSO_LONGEST_PARAMETER
		    || strlen(field->value) > SSO_LONGEST_PARAMETER
		    || json_member(parameters, field->name))
			continue;
		json_put_text(parameters, field->name, field->value);
		count++;
	}
	return parameters;
}
