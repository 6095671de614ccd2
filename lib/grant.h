/*
 * grant.h - a marketplace's permission to act for one resource.
 */
#ifndef GRANT_H
#define GRANT_H

#include <stdint.h>

#include "lib/outcome.h"

struct arena;
struct db;

/*
 * Keep a newer code for a live resource, in place of one that is still unused
 * and expires earlier.  code is sealed; expires_at is in seconds since 1970.
 * OUTCOME_OK also when there was nothing to replace.
 */
enum outcome grant_renew(struct db *db, struct arena *arena,
			 const char *resource, const char *code,
			 int64_t expires_at);

#endif
