/*
 * mount.c - reads where an add-on is mounted: the URLs of its manifest.
 */
#include "lib/addon/addon.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/dialect/dialect.h"
#include "lib/base/findings.h"
#include "lib/text/json.h"
#include "lib/text/url.h"

struct mounting {
	struct addon *addon;
	struct arena *arena;
	struct findings *findings;
	const char *file;
	const struct json *api;
};

static bool ends(const char *text, const char *end)
{
	size_t length = strlen(text);

	return length >= strlen(end)
		&& strcmp(text + length - strlen(end), end) == 0;
}

static void error(const struct mounting *m, const char *field,
		  const char *remedy)
{
	finding_error(m->findings, "%s: %s %s", m->file, field, remedy);
}

static void warn(const struct mounting *m, const char *field,
		 const char *remedy)
{
	finding_warning(m->findings, "%s: %s %s", m->file, field, remedy);
}

/* Whatever a manifest says, these are served as cgi/web/routes.c has them. */
static bool is_ours(const char *path)
{
	static const char *const ours[] = {
		"/health",      "/ready",     "/metrics",       "/session",
		"/session/end", "/dashboard", "/dashboard.css",
	};

	for (size_t i = 0; i < COUNT(ours); i++)
		if (strcmp(ours[i], path) == 0)
			return true;
	return false;
}

/* Read the path of a URL.  A URL of local tests may be one of http. */
static bool read_path(struct mounting *m, const char *field, const char *text,
		      bool is_production, struct url_path *path)
{
	const struct url url = url_read(
		m->arena, text, is_production ? URL_HTTPS : URL_OR_HTTP);

	if (url.fault) {
		error(m, field, url.fault);
		return false;
	}
	if (url_path_read(m->arena, url.path, strlen(url.path), path)
	    != OUTCOME_OK) {
		error(m, field,
		      "has a path with empty, \".\" or badly encoded parts");
		return false;
	}
	return true;
}

/* The path of base_url, to which the marketplace appends what is missing. */
static bool mount(struct mounting *m, const char *field, const char *url,
		  bool is_production, bool is_root)
{
	const struct dialect *dialect = m->addon->dialect;
	struct url_path path;
	const char *text;

	if (!read_path(m, field, url, is_production, &path))
		return false;
	text = path.count > 0 ? url_path_text(m->arena, &path) : "";
	if (is_root || !ends(text, dialect->resources_path)) {
		struct url_path tail;
		const char **segments;

		url_path_read(m->arena, dialect->resources_path,
			      strlen(dialect->resources_path), &tail);
		segments = arena_alloc(m->arena,
				       (size_t)(path.count + tail.count)
					       * sizeof *segments);
		for (int i = 0; i < path.count; i++)
			segments[i] = path.segments[i];
		for (int i = 0; i < tail.count; i++)
			segments[path.count + i] = tail.segments[i];
		path.segments = segments;
		path.count += tail.count;
	}
	path.ends_in_slash = false;
	m->addon->resources = path;
	return true;
}

static void read_urls(struct mounting *m, const char *side,
		      const struct json *urls, bool is_production)
{
	const char *base = json_text(json_member(urls, "base_url"));
	const char *sso = json_text(json_member(urls, "sso_url"));
	const char *base_field =
		arena_printf(m->arena, "api.%s.base_url", side);
	const char *sso_field = arena_printf(m->arena, "api.%s.sso_url", side);
	struct url_path path;

	if (!base) {
		error(m, base_field,
		      "is missing: write the URL of this add-on's resources");
		return;
	}
	if (!mount(m, base_field, base, is_production, false))
		return;
	if (json_member(urls, "sso_url") && !sso)
		error(m, sso_field, "must be a URL");
	if (!sso || !read_path(m, sso_field, sso, is_production, &path))
		return;
	m->addon->sso = path;
	if (!json_member(m->api, "sso_salt"))
		warn(m, "api.sso_salt",
		     "is missing, so nobody can sign on: put a random text of "
		     "32 characters there");
	if (is_ours(url_path_text(m->arena, &path)))
		error(m, sso_field,
		      "has an address at which provisor serves something else: "
		      "give it one of its own, such as /sso/login");
	if (url_path_equal(&path, &m->addon->resources))
		error(m, sso_field,
		      "has the path of base_url: give it one of its own, such "
		      "as /sso/login");
}

/* Heroku calls production; a manifest for local tests may have only test. */
void addon_read_mount(struct addon *addon, const char *file,
		      const struct json *api, struct findings *findings)
{
	struct mounting m = { addon, addon->arena, findings, file, api };
	bool is_production = json_member(api, "production");
	const char *side = is_production ? "production" : "test";
	const struct json *urls = json_member(api, side);
	const char *field = arena_printf(m.arena, "api.%s", side);

	if (json_text(urls))
		mount(&m, field, json_text(urls), is_production, true);
	else if (json_is_object(urls))
		read_urls(&m, side, urls, is_production);
	else
		error(&m, "api.production",
		      "must be an object with base_url and sso_url");
}
