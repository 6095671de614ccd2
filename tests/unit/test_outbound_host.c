#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/platform/outbound_host.h"

/* ---- addresses ---- */

static struct address_row {
	const char *name;
	const char *address;
	bool is_public;
} addresses[] = {
	{ "an address of the internet is public", "54.236.0.1", true },
	{ "1.1.1.1 is public", "1.1.1.1", true },
	{ "the last before multicast is public", "223.255.255.255", true },
	{ "unspecified is not public", "0.0.0.0", false },
	{ "this network is not public", "0.1.2.3", false },
	{ "10 is private", "10.255.255.255", false },
	{ "9 is public", "9.255.255.255", true },
	{ "11 is public", "11.0.0.0", true },
	{ "a carrier's shared addresses are not public", "100.64.0.1", false },
	{ "the last shared one is not", "100.127.255.255", false },
	{ "before the shared ones is public", "100.63.255.255", true },
	{ "the address after the shared ones is public", "100.128.0.0", true },
	{ "loopback is not public", "127.0.0.1", false },
	{ "all of loopback is not", "127.255.255.254", false },
	{ "link-local is not public", "169.254.169.254", false },
	{ "169.253 is public", "169.253.255.255", true },
	{ "172.16 is private", "172.16.0.1", false },
	{ "172.31 is private", "172.31.255.255", false },
	{ "172.15 is public", "172.15.255.255", true },
	{ "172.32 is public", "172.32.0.0", true },
	{ "192.168 is private", "192.168.0.1", false },
	{ "192.169 is public", "192.169.0.0", true },
	{ "protocol assignments are not public", "192.0.0.8", false },
	{ "addresses of documents are not public", "192.0.2.1", false },
	{ "nor the second block of them", "198.51.100.1", false },
	{ "nor the third", "203.0.113.1", false },
	{ "the old relays to IPv6 are not public", "192.88.99.1", false },
	{ "benchmarks are not public", "198.19.255.255", false },
	{ "198.20 is public", "198.20.0.0", true },
	{ "multicast is not public", "224.0.0.1", false },
	{ "reserved is not public", "240.0.0.1", false },
	{ "broadcast is not public", "255.255.255.255", false },
	{ "a global IPv6 address is public", "2606:4700::1111", true },
	{ "2001:4860 is public", "2001:4860:4860::8888", true },
	{ "IPv6 unspecified is not public", "::", false },
	{ "IPv6 loopback is not public", "::1", false },
	{ "IPv6 link-local is not public", "fe80::1", false },
	{ "IPv6 site-local is not public", "fec0::1", false },
	{ "unique local fc is not public", "fc00::1", false },
	{ "unique local fd is not public", "fd12:3456::1", false },
	{ "IPv6 multicast is not public", "ff02::1", false },
	{ "the IPv6 documentation prefix is not public", "2001:db8::1", false },
	{ "the second block for documentation is not public", "3fff:fff::1",
	  false },
	{ "Teredo is not public", "2001::1", false },
	{ "6to4 is not public", "2002:7f00:1::", false },
	{ "discard only is not public", "100::1", false },
	{ "what is not given out is not public", "4000::1", false },
	{ "a mapped loopback is not public", "::ffff:127.0.0.1", false },
	{ "a mapped private one is not public", "::ffff:10.0.0.1", false },
	{ "a mapped unspecified one is not", "::ffff:0.0.0.0", false },
	{ "a mapped link-local one is not", "::ffff:169.254.169.254", false },
	{ "a mapped public one is public", "::ffff:1.1.1.1", true },
	{ "a compatible loopback is not public", "::127.0.0.1", false },
	{ "loopback behind NAT64 is not public", "64:ff9b::7f00:1", false },
	{ "a private address behind NAT64 is not public",
	  "64:ff9b::192.168.0.1", false },
	{ "a public address behind NAT64 is public", "64:ff9b::1.1.1.1", true },
	{ "NAT64 of one's own is not public", "64:ff9b:1::1.1.1.1", false },
};

static void address_is_as_expected(void **state)
{
	const struct address_row *row = *state;
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	const void *address = &v4;

	if (inet_pton(AF_INET, row->address, &v4.sin_addr) != 1) {
		assert_int_equal(
			inet_pton(AF_INET6, row->address, &v6.sin6_addr), 1);
		address = &v6;
	}
	assert_bool(outbound_host_is_public(address), row->is_public);
}

static void another_family_is_not_public(void)
{
	struct sockaddr_un here = { .sun_family = AF_UNIX };
	const void *address = &here;

	assert_false(outbound_host_is_public(address));
}

/* ---- the list ---- */

static struct list_row {
	const char *name;
	const char *allowed;
	const char *host;
	const char *port;
	enum outbound_host expected;
} lists[] = {
	{ "a host is itself", "logplex.io", "logplex.io", "443",
	  OUTBOUND_HOST_PUBLIC },
	{ "a host has subdomains", "logplex.io", "1.us.logplex.io", "443",
	  OUTBOUND_HOST_PUBLIC },
	{ "any port is allowed", "logplex.io", "logplex.io", "8601",
	  OUTBOUND_HOST_PUBLIC },
	{ "case does not matter", "LogPlex.io", "EAST.logpleX.IO", "443",
	  OUTBOUND_HOST_PUBLIC },
	{ "a name that ends like an entry is refused", "logplex.io",
	  "evillogplex.io", "443", OUTBOUND_HOST_NOWHERE },
	{ "a name that begins like an entry is refused", "logplex.io",
	  "logplex.io.example.com", "443", OUTBOUND_HOST_NOWHERE },
	{ "a parent domain is refused", "us.logplex.io", "logplex.io", "443",
	  OUTBOUND_HOST_NOWHERE },
	{ "the root's dot is not written here", "logplex.io", "logplex.io.",
	  "443", OUTBOUND_HOST_NOWHERE },
	{ "another host is refused", "logplex.io", "localhost", "443",
	  OUTBOUND_HOST_NOWHERE },
	{ "an empty list has none", "", "localhost", "443",
	  OUTBOUND_HOST_NOWHERE },
	{ "a list of commas has none", " , ,", "localhost", "443",
	  OUTBOUND_HOST_NOWHERE },
	{ "an empty host is refused", "logplex.io", "", "443",
	  OUTBOUND_HOST_NOWHERE },
	{ "the second of a list counts", "a.example, logplex.io", "logplex.io",
	  "443", OUTBOUND_HOST_PUBLIC },
	{ "blanks around are nothing", "  logplex.io\t,", "logplex.io", "443",
	  OUTBOUND_HOST_PUBLIC },
	{ "a place is reached anywhere", "localhost:9443", "localhost", "9443",
	  OUTBOUND_HOST_ANYWHERE },
	{ "another port of it is not", "localhost:9443", "localhost", "443",
	  OUTBOUND_HOST_NOWHERE },
	{ "a longer port is a different port", "localhost:944", "localhost",
	  "9443", OUTBOUND_HOST_NOWHERE },
	{ "a subdomain of a place is not reached", "localhost:9443",
	  "a.localhost", "9443", OUTBOUND_HOST_NOWHERE },
	{ "an entry with a port counts more than a name before it",
	  "localhost,localhost:9443", "localhost", "9443",
	  OUTBOUND_HOST_ANYWHERE },
	{ "an entry with a port counts more than a name after it",
	  "localhost:9443,localhost", "localhost", "9443",
	  OUTBOUND_HOST_ANYWHERE },
	{ "a place may be an IPv6 address", "[::1]:9443", "[::1]", "9443",
	  OUTBOUND_HOST_ANYWHERE },
};

static void reach_is_as_expected(void **state)
{
	const struct list_row *row = *state;

	assert_int_equal(
		outbound_host_judge(arena, row->allowed, row->host, row->port),
		row->expected);
}

static struct unit_check checks[] = {
	{ "another family is not public", another_family_is_not_public },
};

int main(void)
{
	UNIT_ROWS(addresses, address_is_as_expected);
	UNIT_ROWS(lists, reach_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("reach");
}
