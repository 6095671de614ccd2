/*
 * manifest.h - reads addon-manifest.json, the marketplace's own description of
 * an add-on.
 */
#ifndef LIB_ADDON_MANIFEST_H
#define LIB_ADDON_MANIFEST_H

struct addon;
struct arena;
struct findings;

/* Return the name of the manifest in the folder home, which need not have one.
 * Add a warning for the older of its two names, and an error if there are both.
 */
const char *manifest_find(struct arena *arena, const char *home,
			  struct findings *findings);

/* Set the members of addon that come from the manifest in its home, as far as
 * the manifest can be read.  marketplace determines the dialect.  Faults become
 * findings. */
void manifest_read(struct addon *addon, const char *marketplace,
		   struct findings *findings);

#endif
