/* Whatever a connection string is, libpq is asked for one server at a time, and
 * a password that was not percent-encoded is not taken for a host.  In the
 * input, {} stands for a password with a slash in it. */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include <libpq-fe.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/db/connect.h"
#include "lib/db/servers.h"
#include "lib/db/timeline.h"

/* What libpq was asked for. */
static int servers_asked;
static bool was_password_quoted;

static const char secret[] = "918273/645546";

static bool has_part_of_secret(const char *value)
{
	return strstr(value, "918273") || strstr(value, "645546");
}

static const char *last_value(const char *const *names,
			      const char *const *values, const char *name)
{
	const char *value = NULL;

	for (; *names; names++, values++)
		if (strcmp(*names, name) == 0)
			value = *values;
	return value;
}

/* Stands for libpq's function and connects to nothing. */
PGconn *PQconnectStartParams(const char *const *names,
			     const char *const *values, int expands)
{
	static const char *const replaced[] = { "host", "hostaddr", "port" };

	assert(expands == 1);
	for (size_t i = 0; i < 3; i++) {
		const char *value = last_value(names, values, replaced[i]);

		if (!value)
			continue;
		assert(*value && !strpbrk(value, ",@"));
		was_password_quoted |= has_part_of_secret(value);
	}
	servers_asked++;
	return PQconnectStart("dbname='");
}

/* Replace each {} by the secret. */
static const char *fill_in_secret(struct arena *arena, const char *text)
{
	const char *filled = "", *at;

	for (; (at = strstr(text, "{}")); text = at + strlen("{}"))
		filled = arena_printf(arena, "%s%.*s%s", filled,
				      (int)(at - text), text, secret);
	return arena_printf(arena, "%s%s", filled, text);
}

/* Return true if text has the secret only as the password of a URI. */
static bool has_it_as_password(const char *text)
{
	static const char start[] = "postgres://user:{}@";

	return strncmp(text, start, strlen(start)) == 0
		&& !strstr(text + strlen(start), "{}")
		&& !has_part_of_secret(text);
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	struct db_servers *servers;
	struct db_failure failure;
	struct timeline timeline;
	int count = 0;

	if (strlen(text) != length)
		return;
	servers = db_servers_open(fill_in_secret(arena, text));
	for (const char *host; (host = db_servers_host(servers, count));
	     count++)
		assert(!strpbrk(host, ",@"));
	assert(count <= DB_MOST_SERVERS);
	servers_asked = 0;
	was_password_quoted = false;
	assert(!db_connect(servers, arena, clock_now() + 1000, &timeline,
			   &failure));
	assert(*failure.text && strlen(failure.text) < sizeof failure.text);
	assert(servers_asked == count || (count == 0 && servers_asked <= 1));
	if (has_it_as_password(text))
		assert(!was_password_quoted);
	db_servers_close(servers);
}
