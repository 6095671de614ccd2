/*
 * outbound_host.h - decides whether provisor may connect to a host.
 *
 * A marketplace sends URLs to which we write.  A forged URL could make us
 * connect to our own network.  Therefore its host must be in our list, and the
 * address of the host must be public.
 */
#ifndef LIB_PLATFORM_OUTBOUND_HOST_H
#define LIB_PLATFORM_OUTBOUND_HOST_H

#include <stdbool.h>

#include "lib/base/base.h"

struct arena;
struct sockaddr;

enum outbound_host {
	OUTBOUND_HOST_NOWHERE,
	OUTBOUND_HOST_PUBLIC, /* at public addresses */
	OUTBOUND_HOST_ANYWHERE
};

/*
 * Return at which addresses the host may be reached.  allowed is a list of
 * entries that are separated by commas and blanks.  An entry that is a host
 * name allows the host and its subdomains at public addresses and any port.  An
 * entry "host:port" ("[::1]:443" for IPv6) allows exactly that host and port,
 * at any address.  Case does not matter.
 */
MUST_CHECK enum outbound_host outbound_host_judge(struct arena *arena,
						  const char *allowed,
						  const char *host,
						  const char *port);

/*
 * Return true for an address of the public internet.  Private, shared,
 * loopback, link-local, multicast and reserved addresses (RFC 6890 and IANA's
 * registries of special-purpose addresses) are not public, nor is any family
 * except IPv4 and IPv6.  IPv4 addresses in IPv6 (::ffff:0:0/96, and
 * 64:ff9b::/96 of NAT64) are judged as IPv4 addresses.
 */
MUST_CHECK bool outbound_host_is_public(const struct sockaddr *address);

#endif
