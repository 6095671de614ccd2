/*
 * form_token.h - tokens in the console's pages, which only this host creates.
 *
 * The token of a form proves that a page of ours offered an act to an operator:
 * another site cannot know it.  It is bound to the operator, the act and its
 * target, so the token of one form does not open another.
 */
#ifndef LIB_AUTH_FORM_TOKEN_H
#define LIB_AUTH_FORM_TOKEN_H

#include <stdint.h>

#include "lib/base/base.h"

struct arena;
struct sealing_keys;

struct form_token {
	const char *actor; /* the operator */
	const char *act;   /* such as "rotate"; no newline, as in target */
	const char *target;
};

/* Return a token that carries text, which may be empty, until expires_at, in ms
 * since 1970.  A client cannot read the text. */
MUST_CHECK const char *form_token_seal(const struct sealing_keys *keys,
				       struct arena *arena,
				       const struct form_token *token,
				       int64_t expires_at, const char *text);

/* Return the text of a token that a client sent (NULL: none) at time now.
 * Return NULL if it was not created for the same actor, act and target, or has
 * expired. */
MUST_CHECK const char *form_token_open(const struct sealing_keys *keys,
				       struct arena *arena,
				       const struct form_token *token,
				       int64_t now, const char *sealed);

#endif
