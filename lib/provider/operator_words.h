/*
 * operator_words.h - the sentences that tell an operator what an act does: the
 * same for all commands and pages.
 *
 * job_kind.h has those about jobs.
 */
#ifndef LIB_PROVIDER_OPERATOR_WORDS_H
#define LIB_PROVIDER_OPERATOR_WORDS_H

#include "lib/provider/provider.h"
#include "lib/provider/suspension.h"

/* What happens to the resource, before it is done. */
extern const char operator_words_rotate[];
extern const char operator_words_suspend[];
extern const char operator_words_resume[];
extern const char operator_words_deprovision[];
extern const char operator_words_remove[]; /* deprovision and do not keep */
extern const char operator_words_restore[];

/* Why nothing was done: pool_share.h has no place. */
extern const char operator_words_busy[];

/* The result of the beginning of a restore, and of a move. */
extern const char operator_words_restoring[];
extern const char operator_words_moving[];

/* The result of a suspension, and of its end. */
const char *operator_words_suspended(enum provider_suspension_effect effect);
const char *operator_words_resumed(enum provider_suspension_effect effect);

/* How the marketplace gets changed config vars, after they were changed. */
const char *operator_words_effect(enum provider_config_effect effect);

#endif
