/*
 * authorized.h - asks a marketplace about a resource, with a token that works.
 *
 * Of one resource no two ask at once, as token.h has it.
 */
#ifndef LIB_PLATFORM_AUTHORIZED_H
#define LIB_PLATFORM_AUTHORIZED_H

#include "lib/platform/platform.h"
#include "lib/platform/token.h"

struct fulfilment;

struct inquiry {
	const struct fulfilment *f;
	struct platform *platform;
	struct token token; /* zeroed: none was needed yet */
};

/* The token there is, or a new one. */
struct token inquiry_token(struct inquiry *inquiry);

/*
 * Ask with a token that works, if there can be one; it is renewed once where
 * the marketplace does not take it.  uuid may be NULL: that of the resource.
 *
 * Without a token there is nobody asked.  The verdict is PLATFORM_LATER where
 * what is needed for one is away; PLATFORM_UNAUTHORIZED where there is none,
 * and inquiry->token.verdict is TOKEN_NONE, or where it refuses the new one
 * too, which is worth another try.
 */
struct platform_answer inquiry_ask(struct inquiry *inquiry,
				   struct platform_question question);

#endif
