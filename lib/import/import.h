/*
 * import.h - takes in resources that lived in another system.
 */
#ifndef LIB_IMPORT_IMPORT_H
#define LIB_IMPORT_IMPORT_H

#include "lib/provider/provider.h"

struct import_row;

enum import_verdict {
	IMPORT_NEW,
	IMPORT_SAME,    /* it is there, and as the row tells */
	IMPORT_DIFFERS, /* it is there, and can be made so */
	IMPORT_REFUSED  /* it is there, and cannot be */
};

struct import_judgement {
	enum import_verdict verdict;
	const char *members; /* those that differ: "plan, config" */
	const char *id;      /* ours, of the one that is there */
};

/*
 * Compare a row with what there is.  A member that the row does not tell does
 * not differ.
 *
 * OUTCOME_UNAVAILABLE  the database is away, or what is there does not open
 */
enum outcome import_judge(struct provider *provider, struct provider_call *call,
			  const struct import_row *row,
			  struct import_judgement *judgement);

/*
 * Take a row in: make what is new, and let what differs be as it tells.
 * *judgement is what was found at that moment: where it is IMPORT_SAME or
 * IMPORT_REFUSED nothing is done.
 *
 * OUTCOME_UNAVAILABLE  as above
 */
enum outcome import_resource(struct provider *provider,
			     struct provider_call *call,
			     const struct import_row *row, bool updates,
			     struct import_judgement *judgement);

#endif
