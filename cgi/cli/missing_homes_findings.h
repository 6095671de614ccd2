/*
 * missing_homes_findings.h - add-ons in the database that have no home on this
 * host, for commands.
 */
#ifndef CGI_CLI_MISSING_HOMES_FINDINGS_H
#define CGI_CLI_MISSING_HOMES_FINDINGS_H

#include "lib/base/base.h"
#include "lib/provider/missing_homes.h"

struct addons;
struct arena;
struct db;
struct findings;

/* Add an error for each of them, with the remedies.  A home that cannot be read
 * may be theirs, so there are no such errors then, and homes is empty.  Return
 * OUTCOME_OK or the failure of db_run(). */
MUST_CHECK enum outcome missing_homes_report(const struct addons *addons,
					     struct db *db, struct arena *arena,
					     struct missing_homes *homes,
					     struct findings *findings);

#endif
