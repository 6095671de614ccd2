/*
 * slot.h - limits how many processes of a host do something at the same time.
 */
#ifndef LIB_BASE_SLOT_H
#define LIB_BASE_SLOT_H

#include <stdint.h>

#include "lib/base/base.h"

/* Slots of a file.  Groups with different numbers have no slot in common. */
struct slot_group {
	uint32_t number;
	int size;
};

/*
 * Take one slot of each of count groups in the file at path; it is created if
 * it does not exist.  Return a descriptor, which the caller closes to give the
 * slots back; the kernel does so if the process ends.  Return -1 if the file
 * cannot be used or, with EBUSY in errno, if all slots of a group are taken.
 */
MUST_CHECK int slot_take(const char *path, const struct slot_group *groups,
			 int count);

/* Return how many slots of the group other descriptors than this one, which
 * slot_take() has returned, have taken. */
MUST_CHECK int slot_count_others(int file, const struct slot_group *group);

#endif
