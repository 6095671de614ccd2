/*
 * config_names.h - reads the names of an add-on's config vars.
 */
#ifndef LIB_ADDON_CONFIG_NAMES_H
#define LIB_ADDON_CONFIG_NAMES_H

struct manifest;

/* Set config_vars of the add-on from the manifest.  Faults become findings. */
void config_names_read(struct manifest *m);

#endif
