#include "lib/platform/outbound_host.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"

struct block {
	unsigned char start[16];
	int bits;
};

static const struct block special_v4[] = {
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

/* All that is given out as global unicast (RFC 4291, section 2.4). */
static const struct block global_v6 = { { 0x20 }, 3 };

/* Within it; 2002::/16 (6to4) and 2001::/32 (Teredo) carry IPv4 addresses. */
static const struct block special_v6[] = {
	{ { 0x20, 0x01, 0x00 }, 23 },
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },
	{ { 0x20, 0x02 }, 16 },
	{ { 0x3f, 0xff }, 20 },
};

/* Their last four bytes are an IPv4 address. */
static const struct block v4_in_v6[] = {
	{ { [10] = 0xff, [11] = 0xff }, 96 },
	{ { 0x00, 0x64, 0xff, 0x9b }, 96 },
};

static bool is_in(const unsigned char *address, const struct block *block)
{
	size_t whole = (size_t)block->bits / 8;
	int rest = block->bits % 8;

	return memcmp(address, block->start, whole) == 0
		&& (rest == 0
		    || (address[whole] ^ block->start[whole]) >> (8 - rest)
			    == 0);
}

static bool is_in_any(const unsigned char *address, const struct block *blocks,
		      size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_in(address, &blocks[i]))
			return true;
	return false;
}

static bool is_public_v4(const unsigned char *address)
{
	return !is_in_any(address, special_v4, COUNT(special_v4));
}

static bool is_public_v6(const unsigned char *address)
{
	if (is_in_any(address, v4_in_v6, COUNT(v4_in_v6)))
		return is_public_v4(address + 12);
	return is_in(address, &global_v6)
		&& !is_in_any(address, special_v6, COUNT(special_v6));
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

/* Is host the entry, or a subdomain of it? */
static bool is_below(const char *host, const char *entry, size_t length)
{
	size_t all = strlen(host);

	if (length == 0 || all < length
	    || strncasecmp(host + all - length, entry, length) != 0)
		return false;
	return all == length || host[all - length - 1] == '.';
}

static bool is_exactly(const char *text, const char *entry, size_t length)
{
	return strlen(text) == length && strncasecmp(text, entry, length) == 0;
}

enum outbound_host outbound_host_judge(struct arena *arena, const char *allowed,
				       const char *host, const char *port)
{
	const char *place = arena_printf(arena, "%s:%s", host, port);
	enum outbound_host reach = OUTBOUND_HOST_NOWHERE;
	size_t length;

	for (;; allowed += length) {
		allowed += strspn(allowed, ", \t");
		length = strcspn(allowed, ", \t");
		if (length == 0)
			return reach;
		if (is_exactly(place, allowed, length))
			return OUTBOUND_HOST_ANYWHERE;
		if (is_below(host, allowed, length))
			reach = OUTBOUND_HOST_PUBLIC;
	}
}
