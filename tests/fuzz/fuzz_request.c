/* Every request gets one complete response with a status of the table while the
 * database is unavailable, and its body is read to the end. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cgi/web/gateway.h"
#include "cgi/web/http.h"
#include "cgi/web/routes.h"
#include "gateway.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/findings.h"
#include "lib/provider/provider.h"
#include "lib/settings/settings.h"
#include "lib/text/json.h"

/* The password of fast-db and old-db is "password-of-32-characters-in-all". */
#define MANIFEST(id, path, version)                                            \
	"{\"id\":\"" id "\",\"api\":{" version                                 \
	"\"password\":\"password-of-32-characters-in-all\","                   \
	"\"sso_salt\":\"salt-of-thirty-two-characters-so\","                   \
	"\"production\":{\"base_url\":\"https://h/" path "\"}}}"

static const struct {
	const char *name, *text;
} files[] = {
	{ "keys", "k:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n" },
	{ "addons/heroku/fast-db/addon-manifest.json",
	  MANIFEST("fast-db", "v3", "\"version\":\"3\",") },
	{ "addons/heroku/fast-db/template.json", "{}" },
	{ "addons/heroku/old-db/addon-manifest.json",
	  MANIFEST("old-db", "v1", "") },
	{ "addons/heroku/old-db/template.json", "{}" },
};

static const char *path_of(struct arena *arena, const char *name)
{
	return arena_printf(arena, "%s/%s", fuzz_folder(), name);
}

static void write_files(struct arena *arena)
{
	static const char *const folders[] = { "addons", "addons/heroku",
					       "addons/heroku/fast-db",
					       "addons/heroku/old-db" };

	for (size_t i = 0; i < COUNT(folders); i++)
		mkdir(path_of(arena, folders[i]), 0700);
	for (size_t i = 0; i < COUNT(files); i++)
		fuzz_write(arena, files[i].name, files[i].text,
			   strlen(files[i].text));
}

static struct provider *open_provider(void)
{
	static struct provider provider;
	static struct settings settings;
	struct arena *arena = arena_create();
	struct findings findings = { .arena = arena };

	write_files(arena);
	settings_load(&settings, &findings);
	settings.database = "host=/nowhere";
	settings.addons = strdup(path_of(arena, "addons"));
	settings.keys = strdup(path_of(arena, "keys"));
	assert(provider_open(&provider, &settings));
	arena_destroy(arena);
	return &provider;
}

static bool is_status(int status)
{
	static const int statuses[] = { 200, 400, 401, 403, 404,
					405, 410, 413, 422, 503 };

	for (size_t i = 0; i < COUNT(statuses); i++)
		if (statuses[i] == status)
			return true;
	return false;
}

/* Assert that no part of the request ends a line. */
static void assert_head(const char *head, const char *end)
{
	while (head < end) {
		const char *stop = strstr(head, "\r\n");
		const char *colon = strstr(head, ": ");

		assert(colon && colon < stop && colon > head);
		assert(!memchr(head, '\n', (size_t)(stop - head)));
		head = stop + 2;
	}
}

static void assert_answer(struct arena *arena, const struct exchange *x,
			  const char *answer)
{
	const char *end = strstr(answer, "\r\n\r\n"), *body, *why;

	assert(strncmp(answer, "Status: ", 8) == 0);
	assert(atoi(answer + 8) == x->status && is_status(x->status));
	assert(end);
	assert_head(answer, end);
	body = end + 4;
	if (x->method == HTTP_HEAD)
		assert(!*body);
	else if (!x->type)
		assert(json_parse(arena, body, strlen(body), &why));
	else if (strncmp(x->type, "text/html", 9) == 0)
		assert(strncmp(body, "<!DOCTYPE html>", 15) == 0);
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	static struct provider *provider;
	struct gateway gateway = gateway_of(arena, text, length);
	struct exchange x = { .arena = arena };

	if (!provider)
		provider = open_provider();
	x.provider = provider;
	http_receive(&gateway, 25000, &x);
	assert(gateway.body_length == 0 || gateway_is_cgi(&gateway));
	assert(x.body_length <= HTTP_MAX_BODY
	       || x.body_outcome == OUTCOME_TOO_LARGE);
	routes_serve(&x);
	http_send(&gateway, &x);
	assert(gateway.is_finished);
	assert_answer(arena, &x, gateway.answer);
}
