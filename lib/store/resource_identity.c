#include "lib/store/resource_identity.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/store/resource.h"
#include "lib/text/json.h"

enum { LONGEST_NUMBER = 20 }; /* digits of a size_t */

struct resource_identity resource_identity(const struct resource *resource)
{
	return (struct resource_identity){
		.id = resource->id,
		.marketplace = resource->marketplace,
		.addon = resource->addon,
		.marketplace_id = resource->marketplace_id
			? resource->marketplace_id
			: resource->former_marketplace_id,
		.provider_id = resource->provider_id,
	};
}

struct resource_identity resource_identity_read(const struct json *object)
{
	const char *former =
		json_text(json_member(object, "former_marketplace_id"));
	const char *present = json_text(json_member(object, "marketplace_id"));

	return (struct resource_identity){
		.id = json_text(json_member(object, "id")),
		.marketplace = json_text(json_member(object, "marketplace")),
		.addon = json_text(json_member(object, "addon")),
		.marketplace_id = present ? present : former,
		.provider_id = json_text(json_member(object, "provider_id")),
	};
}

/* Write "LENGTH:PART," or, for NULL, "-,".  Return the end. */
static char *write_part(char *end, const char *part, size_t length)
{
	char digits[LONGEST_NUMBER], *first = digits + sizeof digits;

	if (!part)
		return stpcpy(end, "-,");
	for (size_t rest = length; first == digits + sizeof digits || rest;
	     rest /= 10)
		*--first = (char)('0' + rest % 10);
	end = mempcpy(end, first, (size_t)(digits + sizeof digits - first));
	*end++ = ':';
	end = mempcpy(end, part, length);
	*end++ = ',';
	return end;
}

/* Stored values depend on this form: it must never change.  It is written by
 * hand, because each request writes it several times. */
const char *resource_identity_text(struct arena *arena,
				   const struct resource_identity *identity)
{
	const char *const parts[] = {
		identity->marketplace,
		identity->addon,
		identity->marketplace_id,
		identity->provider_id,
	};
	size_t lengths[COUNT(parts)];
	size_t size = 1;
	char *text, *end;

	for (size_t i = 0; i < COUNT(parts); i++) {
		lengths[i] = parts[i] ? strlen(parts[i]) : 0;
		size += LONGEST_NUMBER + strlen(":,") + lengths[i];
	}
	text = end = arena_alloc(arena, size);
	for (size_t i = 0; i < COUNT(parts); i++)
		end = write_part(end, parts[i], lengths[i]);
	*end = '\0';
	return text;
}
