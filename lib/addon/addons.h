/*
 * addons.h - all add-ons that this host sells.
 *
 * Each folder MARKETPLACE/NAME is a home.  When one changes, it is read again,
 * and so are all homes that have findings.  If a home becomes invalid or is
 * missing, the last valid version of its add-on stays in force.
 */
#ifndef LIB_ADDON_ADDONS_H
#define LIB_ADDON_ADDONS_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/findings.h"

struct addon;
struct addon_index;
struct arena;
struct file_notice;
struct file_watch;

struct addons {
	int count;
	struct addon **list;
	/* The number of homes whose id or path is unknown.  A call for an
	 * unknown add-on may belong to one of them. */
	int unreadable;
	struct findings findings;   /* faults of homes */
	struct arena *arena;        /* owns everything but the add-ons */
	struct addon_index *index;  /* of addon_index.h */
	struct file_watch *folders; /* above the homes */
};

/*
 * Read the homes in folder.  complete is called for each add-on that is valid
 * so far.  It sets the remaining members, allocated from addon->arena, or adds
 * errors to findings.
 *
 * before is the previous set (NULL: none), which this function closes.  It
 * never returns NULL: if folder cannot be read, it adds a finding, and the
 * add-ons of before stay in force.  The caller releases the result with
 * addons_close().
 */
MUST_CHECK struct addons *addons_open(const char *folder,
				      void (*complete)(struct addon *addon,
						       struct findings *found),
				      struct addons *before);
void addons_close(struct addons *addons);

/* Return true if a home has changed, appeared or vanished since the last read.
 */
MUST_CHECK bool addons_have_changed(const struct addons *addons);

/* Add all files on which the result of addons_have_changed() depends. */
void addons_notify(const struct addons *addons, struct file_notice *notice);

/* Add a warning for each pair of add-ons that share a salt.  The resource
 * decides which of them a browser signs on to. */
void addons_warn_of_shared_salts(struct addons *addons);

/* Return the origins whose pages may show those of an add-on in a frame, each
 * once, separated by blanks, or NULL if there are none. */
const char *addons_framing_origins(const struct addons *addons,
				   struct arena *arena);

/* Return the number of valid add-ons. */
int addons_count_valid(const struct addons *addons);

#endif
