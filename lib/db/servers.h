/*
 * servers.h - reads the servers that a connection string names.
 *
 * It rejects a string in which libpq could mistake a part of the password for a
 * host or port, because libpq's messages quote those.
 */
#ifndef LIB_DB_SERVERS_H
#define LIB_DB_SERVERS_H

#include <stdbool.h>

#include "lib/base/base.h"

struct arena;

enum { DB_MOST_SERVERS = 16 };

/* One host of a connection string.  NULL: libpq's default. */
struct db_server {
	const char *host;
	const char *hostaddr;
	const char *port;
};

struct db_servers {
	struct arena *arena;
	const char *conninfo;
	bool is_verified; /* libpq verifies certificates and names of hosts */
	bool is_readable; /* and messages of libpq cannot quote the password */
	int count;        /* 0: the string names no host */
	int first;        /* the one to try first */
	struct db_server list[DB_MOST_SERVERS];
};

/* Read the servers of a connection string.  The caller releases the result with
 * db_servers_close(). */
struct db_servers *db_servers_open(const char *conninfo);
void db_servers_close(struct db_servers *servers); /* does nothing for NULL */

/* Return the host name of a server, "" if it has an address or is libpq's
 * default, or NULL after the last server. */
const char *db_servers_host(const struct db_servers *servers, int number);

/* Return the name or address of a server on another host whose certificate
 * libpq does not verify, "" if it is verified or on this host, or NULL after
 * the last server. */
const char *db_servers_unverified(const struct db_servers *servers, int number);

#endif
