#include "lib/auth/form_token.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/crypto/sealing.h"
#include "lib/text/number.h"

/* The associated data has everything to which a token is bound. */
static struct sealing_place place_of(const struct form_token *token)
{
	return (struct sealing_place){
		.purpose = SEALING_FORM,
		.table = "forms",
		.row = token->target,
		.column = token->act,
		.owner = token->actor,
	};
}

/* The sealed text is the time, a blank and the text. */
const char *form_token_seal(const struct sealing_keys *keys,
			    struct arena *arena, const struct form_token *token,
			    int64_t expires_at, const char *text)
{
	return sealing_seal(
		keys, arena, place_of(token),
		arena_join(arena, arena_number(arena, expires_at), " ", text));
}

const char *form_token_open(const struct sealing_keys *keys,
			    struct arena *arena, const struct form_token *token,
			    int64_t now, const char *sealed)
{
	const char *text = sealed
		? sealing_try_open(keys, arena, place_of(token), sealed)
		: NULL;
	size_t digits = text ? strcspn(text, " ") : 0;
	int64_t expires_at = 0;

	if (!text || text[digits] != ' '
	    || !number_read(arena_strndup(arena, text, digits), 0, INT64_MAX,
			    &expires_at)
	    || now >= expires_at)
		return NULL;
	return text + digits + 1;
}
