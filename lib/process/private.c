#include "lib/process/private.h"

#include <sys/prctl.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define HAS_SANITIZER 1
#endif

void private_begin(void)
{
#if !defined(HAS_SANITIZER)
	prctl(PR_SET_DUMPABLE, 0);
#endif
}
