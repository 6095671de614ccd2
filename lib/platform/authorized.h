/*
 * authorized.h - asks a marketplace about a resource, with a token that works.
 *
 * Of one resource no two ask at once, as token.h has it.
 */
#ifndef LIB_PLATFORM_AUTHORIZED_H
#define LIB_PLATFORM_AUTHORIZED_H

#include "lib/platform/platform.h"
#include "lib/platform/token.h"

struct addon;
struct resource;

struct authorized {
	struct token_need need;
	struct token token; /* zeroed: none was needed yet */
};

/*
 * Prepare to call the marketplace about a resource of an add-on.  Nothing is
 * sent yet.  The caller sets need.was_tried if an earlier attempt may have
 * exchanged the code.
 */
struct authorized authorized_begin(struct platform *platform,
				   const struct grant_keeper *keeper,
				   const struct addon *addon,
				   const struct resource *resource,
				   int64_t deadline);

/* The token there is, or a new one. */
struct token authorized_token(struct authorized *authorized);

/*
 * Ask with a token that works, if there can be one; it is renewed once where
 * the marketplace does not take it.  uuid may be NULL: that of the resource.
 *
 * Without a token there is nobody asked.  The verdict is PLATFORM_LATER where
 * what is needed for one is away; PLATFORM_UNAUTHORIZED where there is none,
 * and authorized->token.verdict is TOKEN_NONE, or where it refuses the new one
 * too, which is worth another try.
 */
struct platform_answer authorized_ask(struct authorized *authorized,
				      struct platform_question question);

#endif
