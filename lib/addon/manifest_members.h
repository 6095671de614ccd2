/*
 * manifest_members.h - the members of a manifest that have no effect.
 */
#ifndef LIB_ADDON_MANIFEST_MEMBERS_H
#define LIB_ADDON_MANIFEST_MEMBERS_H

#include <stdbool.h>

#include "lib/base/base.h"

struct manifest;

/* Warn of unknown members, also of those that only the manifests of other
 * marketplaces have, and refuse members of api that are beside it. */
void manifest_members_check(const struct manifest *m);

/* Return true if name is that of a member of api. */
MUST_CHECK bool manifest_members_has(const char *name);

#endif
