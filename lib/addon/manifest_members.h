/*
 * manifest_members.h - the members of a manifest that have no effect.
 */
#ifndef LIB_ADDON_MANIFEST_MEMBERS_H
#define LIB_ADDON_MANIFEST_MEMBERS_H

struct manifest;

/* Warn of unknown members, also of those that only the manifests of other
 * marketplaces have, and refuse members of api that are beside it. */
void manifest_members_check(const struct manifest *m);

#endif
