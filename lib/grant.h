/*
 * grant.h - a marketplace's permission to act for one resource.
 *
 * Every resource has its row from the create to the deprovision, so that a
 * renewal is an update of it: what is gone cannot get a grant again.
 */
#ifndef GRANT_H
#define GRANT_H

#include <stdint.h>

#include "lib/outcome.h"

struct arena;
struct db;

/*
 * Keep a newer code for a resource, in place of none or of one that is still
 * unused and expires earlier: requests overtake each other.  code is sealed;
 * expires_at is in seconds since 1970, 0 where it is not known.  OUTCOME_OK
 * also when there was nothing to replace.
 */
enum outcome grant_renew(struct db *db, struct arena *arena,
			 const char *resource, const char *code,
			 int64_t expires_at);

#endif
