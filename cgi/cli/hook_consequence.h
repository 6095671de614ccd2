/*
 * hook_consequence.h - explains what provisor does after a listener's answer.
 */
#ifndef CGI_CLI_HOOK_CONSEQUENCE_H
#define CGI_CLI_HOOK_CONSEQUENCE_H

#include "lib/listener/listener.h"

/* Return the continuation of "provisor would ...", for a call that is not a
 * test. */
const char *hook_consequence(struct arena *arena, const struct addon *addon,
			     enum listener_action action,
			     const struct listener_answer *answer);

#endif
