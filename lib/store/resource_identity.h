/*
 * resource_identity.h - the ids that identify whose resource it is.
 *
 * A resource's secrets are sealed for its identity.  So an attacker who can
 * write rows of the database, but has no keys, cannot give the secrets of one
 * customer to another by exchanging the ids of two resources.
 */
#ifndef LIB_STORE_RESOURCE_IDENTITY_H
#define LIB_STORE_RESOURCE_IDENTITY_H

struct arena;
struct json;
struct resource;

/*
 * None of the members changes while the resource has secrets, except that the
 * result of a provision can replace provider_id.  So only config, which that
 * result contains, is sealed for provider_id.  Every use of the other secrets
 * for a listener opens config, too.
 */
struct resource_identity {
	const char *id; /* ours */
	const char *marketplace;
	const char *addon;
	const char *marketplace_id; /* also if it may be used again; or NULL */
	const char *provider_id;
};

struct resource_identity resource_identity(const struct resource *resource);

/* Read the identity from an object with members of the same names.  A
 * former_marketplace_id replaces a marketplace_id that is null. */
struct resource_identity resource_identity_read(const struct json *object);

/* Return all members but id as one text; those of two identities differ. */
const char *resource_identity_text(struct arena *arena,
				   const struct resource_identity *identity);

#endif
