/*
 * repeated_id.h - finds ids that several lines of a file have.
 *
 * It keeps a digest of each id rather than the id: 20 bytes for each line.
 */
#ifndef LIB_IMPORT_REPEATED_ID_H
#define LIB_IMPORT_REPEATED_ID_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/base.h"

struct repeated_id_entry;

/* Initialized with zeroes; the caller releases it with
 * repeated_ids_release(). */
struct repeated_ids {
	struct repeated_id_entry *list;
	size_t count;
	size_t room;
	size_t next; /* of repeated_ids_next() */
};

/* Add the id of a line, or nothing for NULL.  Return false if OpenSSL fails. */
MUST_CHECK bool repeated_ids_add(struct repeated_ids *ids, const char *id,
				 int line);

/* After the last id: find the next line whose id another line has, too.  Return
 * false if there are no more. */
MUST_CHECK bool repeated_ids_next(struct repeated_ids *ids, int *line,
				  int *earlier_line);

void repeated_ids_release(struct repeated_ids *ids);

#endif
