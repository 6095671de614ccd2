/*
 * verdict.h - how a check of verify says what it expected and got.
 */
#ifndef LIB_VERIFY_VERDICT_H
#define LIB_VERIFY_VERDICT_H

#include <stdbool.h>

#include "lib/base/base.h"

struct json;
struct verify;
struct verify_reply;

/* The first call of a check with is_right false makes it fail. */
void verify_expect(struct verify *v, bool is_right, const char *expected,
		   const char *got);

/* Expect one of the statuses, a list such as "200 201". */
void verify_expect_status(struct verify *v, const struct verify_reply *reply,
			  const char *statuses);

/* Expect one of the statuses, and a JSON object with a message. */
void verify_expect_refusal(struct verify *v, const struct verify_reply *reply,
			   const char *statuses);

/* Return what a reply is, for the "got" of a check. */
const char *verify_describe(struct verify *v, const struct verify_reply *reply);

/* Return what config vars are, for the "got" of a check: names and types, no
 * values, which are secrets. */
const char *verify_describe_config(struct verify *v, const struct json *config);

#endif
