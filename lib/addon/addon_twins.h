/*
 * addon_twins.h - refuses add-ons that cannot be distinguished.
 *
 * Two add-ons are twins if they would get the same calls, or would own the same
 * rows of the database.  The one whose home already had its id stays in force.
 */
#ifndef LIB_ADDON_ADDON_TWINS_H
#define LIB_ADDON_ADDON_TWINS_H

struct addons_reading;

/*
 * Restore the previous versions of invalid add-ons, and mark twins as invalid,
 * with a finding for each pair.  A restored add-on may have the id of a new
 * one, and a refused new one may be restored, so this is repeated until nothing
 * changes.  The set is indexed afterwards.
 */
void addon_twins_refuse(const struct addons_reading *r);

#endif
