/*
 * failing_calls.h - finds actions of an add-on's code that fail call after
 * call.
 */
#ifndef LIB_LISTENER_FAILING_CALLS_H
#define LIB_LISTENER_FAILING_CALLS_H

#include <stdint.h>

#include "lib/listener/listener.h"

struct addon;
struct arena;

/*
 * Return how often the action has failed, such as "provision has failed 3 times
 * in a row", and set *since, in s since 1970, to the first of these failures.
 * Return NULL if that is not worth a warning: code that works for others can
 * fail a few times for one customer.
 *
 * The counters are those of all processes of this host.
 */
const char *failing_calls_of(const struct addon *addon,
			     enum listener_action action, struct arena *arena,
			     int64_t *since);

#endif
