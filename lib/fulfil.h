/*
 * fulfil.h - carries out a claimed job with the add-on's listener.
 *
 * It runs in a worker, while the marketplace waits, or in provisor-jobs.  No
 * transaction is open and nothing is locked while the listener works; its claim
 * is what keeps others away.
 */
#ifndef FULFIL_H
#define FULFIL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/dialect.h"
#include "lib/outcome.h"
#include "lib/resource.h"

struct addon;
struct arena;
struct db;
struct job;
struct secret_keys;

struct fulfilment {
	struct db *db;
	const struct secret_keys *keys;
	struct arena *arena;
	const struct addon *addon;
	const struct resource *resource;
	const struct job *job;
	struct resource_actor actor;
	int64_t deadline;   /* when the listener is told to end */
	int64_t wait_until; /* until when it is waited for */

	/* Milliseconds after which what failed is due again.  0: the longer,
	 * the more often it has failed. */
	int64_t delay;

	/* Set, for the marketplace. */
	struct dialect_answer answer; /* of OUTCOME_OK, without id */
	const char *complaint;        /* NULL, or a sentence */
	const char *why;              /* of a failure, for the log */
};

/* How long a claim must hold for what may last until deadline, in
 * milliseconds. */
int64_t fulfil_lease(int64_t deadline);

/*
 * Do what was asked for.
 *
 * OUTCOME_OK           done
 * OUTCOME_INVALID      refused by the listener
 * OUTCOME_GONE         overtaken by a deprovision
 * OUTCOME_UNAVAILABLE  not yet: it is due again; or the claim was lost
 * OUTCOME_BROKEN       our fault
 */
enum outcome fulfil_forward(struct fulfilment *f);

/*
 * Undo what was begun and never told of: nobody knows of it, and who asks again
 * may do so in another's name.  As above.
 */
enum outcome fulfil_back(struct fulfilment *f);

#endif
