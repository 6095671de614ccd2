/*
 * homes.h - the add-ons this host sells, as their homes stand now.
 *
 * A home is a folder MARKETPLACE/NAME.  The homes are read together; when one
 * changes all are read again, and a home that is then broken stays in force as
 * it was before.
 */
#ifndef LIB_ADDON_HOMES_H
#define LIB_ADDON_HOMES_H

#include <stdbool.h>

#include "lib/base/findings.h"

struct addon;
struct arena;
struct file_watch;

struct addons {
	int count;
	struct addon **list;
	/* How many homes are in a state where not even their id and path are
	 * known: what nobody knows may then belong to one of them. */
	int unreadable;
	/* What is wrong with homes, naming file, field and remedy each. */
	struct findings findings;
	struct arena *arena; /* where all of it lives but the add-ons */
	struct file_watch *watch;
};

/* Completes an add-on that is valid so far; adds errors to findings where it
 * is not.  What it needs comes from addon->arena. */
typedef void addons_complete(struct addon *addon, struct findings *findings);

/*
 * Read the homes below folder, and let complete see each that is valid so far.
 * before is the set that was in force (NULL: none); it is closed.  The caller
 * ends the result with addons_close().  Never NULL: where folder itself cannot
 * be read, that is a finding, and what was in force stays so.
 */
struct addons *addons_open(const char *folder, addons_complete *complete,
			   struct addons *before);
void addons_close(struct addons *addons);

/* Has any home changed, come or gone since it was read? */
bool addons_have_changed(const struct addons *addons);

/* A valid one; NULL when there is none. */
const struct addon *addons_find(const struct addons *addons,
				const char *marketplace, const char *id);

/* How many are valid. */
int addons_count_valid(const struct addons *addons);

#endif
