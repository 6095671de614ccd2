/*
 * mount.h - reads the paths under which an add-on is served: those of the URLs
 * in its manifest.
 */
#ifndef LIB_ADDON_MOUNT_H
#define LIB_ADDON_MOUNT_H

struct addon;
struct home_file;
struct json;

/* Set resources, notifications and sso of addon, whose dialect is known, from
 * api, the object in the manifest that has its URLs.  Faults become findings of
 * the manifest. */
void mount_read(struct addon *addon, const struct home_file *manifest,
		const struct json *api);

#endif
