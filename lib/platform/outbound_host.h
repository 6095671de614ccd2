/*
 * outbound_host.h - may we go where somebody else's URL leads?
 *
 * A marketplace tells us addresses to write to.  Whoever could forge one would
 * have us speak to the host's own network, so its host must be in a list of
 * ours, and the address that the host's name resolves to must be a public one.
 */
#ifndef LIB_PLATFORM_OUTBOUND_HOST_H
#define LIB_PLATFORM_OUTBOUND_HOST_H

#include <stdbool.h>

struct arena;
struct sockaddr;

enum outbound_host {
	OUTBOUND_HOST_NOWHERE,
	OUTBOUND_HOST_PUBLIC, /* where its address is a public one */
	OUTBOUND_HOST_ANYWHERE
};

/*
 * allowed is a list apart by commas, with blanks around its entries.  A host
 * name there lets itself and its subdomains be reached at public addresses, on
 * any port; an exact "host:port" ("[::1]:443" with IPv6) is reached anywhere.
 * Case does not matter.
 */
enum outbound_host outbound_host_judge(struct arena *arena, const char *allowed,
				       const char *host, const char *port);

/*
 * Is this an address of the public internet?  Not private, shared, loopback,
 * link-local, multicast or reserved ones (RFC 6890, and the registries of
 * special-purpose addresses it began), and none of a family but IPv4 and IPv6.
 * An IPv4 address is judged alike in its IPv6 forms (::ffff:0:0/96, and
 * 64:ff9b::/96 of NAT64).
 */
bool outbound_host_is_public(const struct sockaddr *address);

#endif
