#include "lib/platform/outbound_host.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"

struct address_block {
	unsigned char start[16];
	int bits;
};

static const struct address_block special_v4[] = {
	{ { 0 }, 8 },
	{ { 10 }, 8 },
	{ { 100, 64 }, 10 },
	{ { 127 }, 8 },
	{ { 169, 254 }, 16 },
	{ { 172, 16 }, 12 },
	{ { 192, 0, 0 }, 24 },
	{ { 192, 0, 2 }, 24 },
	{ { 192, 88, 99 }, 24 },
	{ { 192, 168 }, 16 },
	{ { 198, 18 }, 15 },
	{ { 198, 51, 100 }, 24 },
	{ { 203, 0, 113 }, 24 },
	{ { 224 }, 4 },
	{ { 240 }, 4 },
};

/* Global unicast addresses (RFC 4291, section 2.4). */
static const struct address_block global_v6 = { { 0x20 }, 3 };

/* Exceptions in that block.  2002::/16 (6to4) and 2001::/32 (Teredo) contain
 * IPv4 addresses. */
static const struct address_block special_v6[] = {
	{ { 0x20, 0x01, 0x00 }, 23 },
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },
	{ { 0x20, 0x02 }, 16 },
	{ { 0x3f, 0xff }, 20 },
};

/* The last four bytes of these are an IPv4 address. */
static const struct address_block v4_in_v6[] = {
	{ { [10] = 0xff, [11] = 0xff }, 96 },
	{ { 0x00, 0x64, 0xff, 0x9b }, 96 },
};

static bool is_in_block(const unsigned char *address,
			const struct address_block *block)
{
	size_t whole = (size_t)block->bits / 8;
	int rest = block->bits % 8;

	return memcmp(address, block->start, whole) == 0
		&& (rest == 0
		    || (address[whole] ^ block->start[whole]) >> (8 - rest)
			    == 0);
}

static bool is_in_any_block(const unsigned char *address,
			    const struct address_block *blocks, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_in_block(address, &blocks[i]))
			return true;
	return false;
}

static bool is_public_v4(const unsigned char *address)
{
	return !is_in_any_block(address, special_v4, COUNT(special_v4));
}

static bool is_public_v6(const unsigned char *address)
{
	if (is_in_any_block(address, v4_in_v6, COUNT(v4_in_v6)))
		return is_public_v4(address + 12);
	return is_in_block(address, &global_v6)
		&& !is_in_any_block(address, special_v6, COUNT(special_v6));
}

bool outbound_host_is_public(const struct sockaddr *address)
{
	const void *place = address;
	const struct sockaddr_in *v4 = place;
	const struct sockaddr_in6 *v6 = place;

	switch (address->sa_family) {
	case AF_INET:
		return is_public_v4((const unsigned char *)&v4->sin_addr);
	case AF_INET6:
		return is_public_v6(v6->sin6_addr.s6_addr);
	default:
		return false;
	}
}

/* Return true if host is the entry or a subdomain of it. */
static bool is_in_domain(const char *host, const char *entry, size_t length)
{
	size_t all = strlen(host);

	if (length == 0 || all < length
	    || strncasecmp(host + all - length, entry, length) != 0)
		return false;
	return all == length || host[all - length - 1] == '.';
}

static bool is_same_host(const char *text, const char *entry, size_t length)
{
	return strlen(text) == length && strncasecmp(text, entry, length) == 0;
}

enum outbound_host outbound_host_judge(struct arena *arena, const char *allowed,
				       const char *host, const char *port)
{
	const char *place = arena_printf(arena, "%s:%s", host, port);
	enum outbound_host found = OUTBOUND_HOST_NOWHERE;
	size_t length;

	for (;; allowed += length) {
		allowed += strspn(allowed, ", \t");
		length = strcspn(allowed, ", \t");
		if (length == 0)
			return found;
		if (is_same_host(place, allowed, length))
			return OUTBOUND_HOST_ANYWHERE;
		if (is_in_domain(host, allowed, length))
			found = OUTBOUND_HOST_PUBLIC;
	}
}
