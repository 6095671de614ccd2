/*
 * slot.h - limits how many processes of a host do something at the same time.
 */
#ifndef LIB_BASE_SLOT_H
#define LIB_BASE_SLOT_H

#include "lib/base/base.h"

/*
 * Take one of count slots, which belong to the file at path; it is created if
 * it does not exist.  Return a descriptor, which the caller closes to give the
 * slot back; the kernel does so if the process ends.  Return -1 if the file
 * cannot be used or, with EBUSY in errno, if all slots are taken.
 */
MUST_CHECK int slot_take(const char *path, int count);

#endif
