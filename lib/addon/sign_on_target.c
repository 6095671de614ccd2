#include "lib/addon/sign_on_target.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/text/percent.h"
#include "lib/text/url.h"

static const struct reference {
	const char *text;
	size_t value; /* offset in the values */
	bool is_signed;
} references[] = {
	{ "${id}", offsetof(struct sign_on_target_values, id), true },
	{ "${action}", offsetof(struct sign_on_target_values, action), false },
	{ "${context_app}", offsetof(struct sign_on_target_values, context_app),
	  false },
};

/* Return the reference with which text begins, or NULL. */
static const struct reference *find_reference(const char *text)
{
	for (size_t i = 0; i < COUNT(references); i++)
		if (strncmp(text, references[i].text,
			    strlen(references[i].text))
		    == 0)
			return &references[i];
	return NULL;
}

const char *sign_on_target_fill(struct arena *arena, const char *target,
				const struct sign_on_target_values *values)
{
	const char *filled = "";

	while (*target) {
		const struct reference *reference = find_reference(target);
		size_t length = 1 + strcspn(target + 1, "$");
		const char *value;

		if (!reference) {
			filled = arena_printf(arena, "%s%.*s", filled,
					      (int)length, target);
			target += length;
			continue;
		}
		value = *(const char *const *)((const char *)values
					       + reference->value);
		filled =
			arena_printf(arena, "%s%s", filled,
				     value ? percent_encode(arena, value) : "");
		target += strlen(reference->text);
	}
	return filled;
}

/* Return true if a reference to a value that a customer can alter stands before
 * the path. */
static bool has_unsigned_host(const char *target)
{
	size_t host = url_origin_length(target);

	for (size_t i = 0; i < host; i++) {
		const struct reference *reference = find_reference(target + i);

		if (reference && !reference->is_signed)
			return true;
	}
	return false;
}

/* A value may be empty, and "/${action}/x" would then lead to the host x. */
static const char *path_fault(struct arena *arena, const char *target)
{
	static const struct sign_on_target_values empty = { 0 },
						  sample = { "1", "1", "1" };

	if (url_is_link(arena, sign_on_target_fill(arena, target, &empty))
	    && url_is_link(arena, sign_on_target_fill(arena, target, &sample)))
		return NULL;
	return "must be an absolute path of this host, such as /my/dashboard, "
	       "or an https URL";
}

const char *sign_on_target_fault(struct arena *arena, const char *target)
{
	static const struct sign_on_target_values sample = { "1", "1", "1" };
	struct url url;

	if (target && *target == '/')
		return path_fault(arena, target);
	if (target && has_unsigned_host(target))
		return "must be a URL without ${action} and ${context_app} "
		       "before its path, because customers can alter them";
	url = url_read(arena,
		       target ? sign_on_target_fill(arena, target, &sample)
			      : NULL,
		       URL_HTTPS);
	if (!url.fault && (url.user || url.password))
		return "must be a URL without user and password";
	return url.fault;
}
