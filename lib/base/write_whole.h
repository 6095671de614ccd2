/*
 * write_whole.h - writes to a descriptor until nothing is left.
 */
#ifndef LIB_BASE_WRITE_WHOLE_H
#define LIB_BASE_WRITE_WHOLE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/base.h"

/* Write all bytes, also if a signal interrupts this.  Return false with the
 * reason in errno if that fails; a part may have been written. */
MUST_CHECK bool write_whole(int file, const char *bytes, size_t length);

#endif
