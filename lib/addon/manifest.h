/*
 * manifest.h - reads addon-manifest.json, the marketplace's own description of
 * an add-on.
 */
#ifndef LIB_ADDON_MANIFEST_H
#define LIB_ADDON_MANIFEST_H

struct addon;
struct findings;

/* Fill the members of addon that come from the manifest in its home, as far as
 * it can be read.  marketplace decides the dialect.  Faults are findings. */
void manifest_read(struct addon *addon, const char *marketplace,
		   struct findings *findings);

#endif
