#include "lib/db/servers.h"

#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "lib/base/arena.h"

/* Return the entry at index of a list "a,b,c"; a single entry applies to every
 * index.  Return NULL for an empty entry or list. */
static const char *list_entry(struct arena *arena, const char *list, int index)
{
	bool is_list = list && strchr(list, ',');

	for (int i = 0; is_list && i < index; i++) {
		list = strchr(list, ',');
		if (!list)
			return NULL;
		list++;
	}
	if (!list || *list == ',' || !*list)
		return NULL;
	return arena_strndup(arena, list, strcspn(list, ","));
}

static int count_list_entries(const char *list)
{
	int count = list && *list ? 1 : 0;

	for (; list && *list; list++)
		count += *list == ',';
	return count < DB_MOST_SERVERS ? count : DB_MOST_SERVERS;
}

static const char *option_value(const PQconninfoOption *options,
				const char *keyword)
{
	for (; options->keyword; options++)
		if (strcmp(options->keyword, keyword) == 0)
			return options->val;
	return NULL;
}

static void read_servers(struct db_servers *servers,
			 const PQconninfoOption *options)
{
	const char *hosts = option_value(options, "host");
	const char *addresses = option_value(options, "hostaddr");
	const char *ports = option_value(options, "port");
	const char *mode = option_value(options, "sslmode");

	servers->is_verified = mode && strcmp(mode, "verify-full") == 0;
	servers->count = count_list_entries(addresses ? addresses : hosts);
	for (int i = 0; i < servers->count; i++)
		servers->list[i] = (struct db_server){
			list_entry(servers->arena, hosts, i),
			list_entry(servers->arena, addresses, i),
			list_entry(servers->arena, ports, i),
		};
}

/* Return what follows the scheme of a URI, or NULL if conninfo is not one. */
static const char *skip_scheme(const char *conninfo)
{
	static const char *const schemes[] = { "postgresql://", "postgres://" };

	for (size_t i = 0; i < COUNT(schemes); i++)
		if (strncmp(conninfo, schemes[i], strlen(schemes[i])) == 0)
			return conninfo + strlen(schemes[i]);
	return NULL;
}

/*
 * Return true for a URI with an @ that does not end the password.  With two of
 * them, the part after the first is not a host.  With a slash before the first,
 * libpq takes the beginning of the password for a port.
 */
static bool has_stray_at(const char *conninfo)
{
	const char *uri = skip_scheme(conninfo);
	size_t slash = uri ? strcspn(uri, "/") : 0;
	size_t at = uri ? strcspn(uri, "@?") : 0;

	if (!uri || uri[at] != '@')
		return false;
	return slash < at || strchr(uri + at + 1, '@');
}

/*
 * Return true if libpq's messages cannot contain a part of the password.  They
 * quote host and port, which contain such a part if a URI is not
 * percent-encoded.
 */
static bool is_safe_to_quote(const char *conninfo,
			     const PQconninfoOption *options)
{
	const char *host = option_value(options, "host");
	const char *address = option_value(options, "hostaddr");
	const char *port = option_value(options, "port");

	return !has_stray_at(conninfo) && !(host && strchr(host, '@'))
		&& !(address && strchr(address, '@'))
		&& !(port && port[strspn(port, "0123456789,")]);
}

struct db_servers *db_servers_open(const char *conninfo)
{
	struct arena *arena = arena_create();
	struct db_servers *servers = arena_alloc(arena, sizeof *servers);
	PQconninfoOption *options = PQconninfoParse(conninfo, NULL);

	servers->arena = arena;
	servers->conninfo = arena_strdup(arena, conninfo);
	servers->is_readable = options && is_safe_to_quote(conninfo, options);
	if (servers->is_readable)
		read_servers(servers, options);
	PQconninfoFree(options);
	return servers;
}

void db_servers_close(struct db_servers *servers)
{
	if (servers)
		arena_destroy(servers->arena);
}

const char *db_servers_host(const struct db_servers *servers, int number)
{
	const struct db_server *server = &servers->list[number];

	if (number >= servers->count)
		return NULL;
	return server->host && !server->hostaddr ? server->host : "";
}

static bool is_this_host(const struct db_server *server)
{
	const char *host = server->hostaddr ? server->hostaddr : server->host;

	return !host || !*host || strchr("/@", *host)
		|| strcmp(host, "localhost") == 0
		|| strncmp(host, "127.", strlen("127.")) == 0
		|| strcmp(host, "::1") == 0;
}

const char *db_servers_unverified(const struct db_servers *servers, int number)
{
	const struct db_server *server = &servers->list[number];

	if (number >= servers->count)
		return NULL;
	if (servers->is_verified || is_this_host(server))
		return "";
	return server->host && *server->host ? server->host : server->hostaddr;
}
