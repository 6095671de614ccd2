/*
 * import.h - imports resources from another system.
 */
#ifndef LIB_IMPORT_IMPORT_H
#define LIB_IMPORT_IMPORT_H

#include "lib/base/base.h"
#include "lib/provider/provider.h"

struct import_row;

enum import_result {
	IMPORT_NEW,      /* there is no such resource */
	IMPORT_EQUAL,    /* it exists and equals the row */
	IMPORT_DIFFERS,  /* it exists and can be changed to equal the row */
	IMPORT_CONFLICTS /* it exists and cannot be made equal */
};

struct import_comparison {
	enum import_result result;
	const char *members; /* those that differ, such as "plan, config" */
	const char *id;      /* our id of the existing resource */
};

/*
 * Compare a row with the existing resource.  A member that is absent
 * from the row is not a difference.
 *
 * OUTCOME_UNAVAILABLE  the database does not respond, or a sealed value
 *                      cannot be opened
 */
MUST_CHECK enum outcome import_compare(struct provider *provider,
				       struct provider_call *call,
				       const struct import_row *row,
				       struct import_comparison *comparison);

/*
 * Import a row: create the resource if it is new or, if updates is true, change
 * it if it differs.  *comparison is the result of the comparison before that.
 *
 * OUTCOME_UNAVAILABLE  as above, or other processes keep changing the resource
 */
MUST_CHECK enum outcome import_apply(struct provider *provider,
				     struct provider_call *call,
				     const struct import_row *row, bool updates,
				     struct import_comparison *comparison);

#endif
