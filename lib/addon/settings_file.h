/*
 * settings_file.h - reads settings.json, our own part of an add-on's home.
 */
#ifndef LIB_ADDON_SETTINGS_FILE_H
#define LIB_ADDON_SETTINGS_FILE_H

struct addon;
struct findings;

/* Set the members of addon that come from settings.json, if its home has one,
 * and watch the files that it names.  Faults become findings. */
void settings_file_read(struct addon *addon, struct findings *findings);

#endif
