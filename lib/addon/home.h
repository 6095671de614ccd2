/*
 * home.h - opens the home of an add-on.
 *
 * A home is a folder with the marketplace's addon-manifest.json, optionally our
 * settings.json, and one listener.
 */
#ifndef LIB_ADDON_HOME_H
#define LIB_ADDON_HOME_H

#include "lib/base/base.h"

struct addon;
struct findings;

/*
 * Read a home and watch its files.  Faults become errors in findings, which
 * name the file, the field and the remedy.  Never returns NULL.  The caller
 * sets is_valid and releases the add-on with home_close().
 */
MUST_CHECK struct addon *home_open(const char *home, const char *marketplace,
				   struct findings *findings);
void home_close(struct addon *addon);

#endif
