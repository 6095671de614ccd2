#include "lib/addon/mount.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/home_file.h"
#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"
#include "lib/text/json.h"
#include "lib/text/url.h"

struct mount {
	const struct home_file *manifest;
	struct addon *addon;
	const struct json *api;
	const char *side;       /* "production" or "test" */
	const char *prefix;     /* of fields in findings: "api." or "" */
	unsigned int url_rules; /* URLs for local tests may use http */
};

/* cgi/web/routes.c serves these paths for every add-on. */
static bool is_reserved_path(const char *path)
{
	static const char *const reserved[] = {
		"/health",      "/ready",     "/metrics",       "/session",
		"/session/end", "/dashboard", "/dashboard.css",
	};

	for (size_t i = 0; i < COUNT(reserved); i++)
		if (strcmp(reserved[i], path) == 0)
			return true;
	return false;
}

/* Slashes at the end make no segments. */
static void cut_trailing_slashes(struct url_path *path)
{
	while (path->count > 0 && !*path->segments[path->count - 1])
		path->count--;
	path->ends_in_slash = false;
}

/* Read the path of the URL in field. */
static bool read_mount_path(const struct mount *m, const char *field,
			    const char *text, struct url_path *path)
{
	struct arena *arena = m->manifest->arena;
	const struct url url = url_read(arena, text, m->url_rules);

	if (url.fault || strcmp(url.host, "https") == 0) {
		home_file_error(m->manifest, field, "%s",
				url.fault ? url.fault
					  : "has https:// twice: correct it");
		return false;
	}
	if (url_path_read(arena, url.path, strlen(url.path), path)
	    != OUTCOME_OK) {
		home_file_error(m->manifest, field,
				"has a path with \".\" or \"..\", or with an "
				"invalid percent-encoding: correct it");
		return false;
	}
	cut_trailing_slashes(path);
	return true;
}

/* Return true if path ends in the dialect's path, such as /heroku/resources. */
static bool has_resources_path(const struct url_path *path,
			       const struct url_path *own)
{
	struct url_path end = {
		.count = own->count,
		.segments = path->segments + path->count - own->count,
	};

	return path->count >= own->count && url_path_equal(&end, own);
}

static struct url_path join_paths(struct arena *arena, const struct url_path *a,
				  const struct url_path *b)
{
	struct url_path both = { .count = a->count + b->count };

	both.segments =
		arena_alloc(arena, (size_t)both.count * sizeof *both.segments);
	for (int i = 0; i < both.count; i++)
		both.segments[i] = i < a->count ? a->segments[i]
						: b->segments[i - a->count];
	return both;
}

static bool read_own_path(const struct mount *m, const char *text,
			  struct url_path *path)
{
	*path = (struct url_path){ 0 };
	return !*text
		|| url_path_read(m->manifest->arena, text, strlen(text), path)
		== OUTCOME_OK;
}

/* They come to a path beside that of the resources. */
static void mount_notifications(struct mount *m, const struct url_path *root)
{
	const char *text = m->addon->dialect->notifications_path;
	struct url_path own;

	if (text && read_own_path(m, text, &own))
		m->addon->notifications =
			join_paths(m->manifest->arena, root, &own);
}

/* nginx cannot know other paths, and passes them to the pool for browsers. */
static void warn_of_other_end(const struct mount *m, const char *field)
{
	const struct url_path *path = &m->addon->resources;

	if (strcmp(path->segments[path->count - 1], "resources") != 0)
		home_file_warn(m->manifest, field,
			       "has a path that does not end in /resources, so "
			       "nginx lets these calls wait behind requests of "
			       "browsers: use one such as /%s/resources",
			       m->addon->dialect->marketplace);
}

/* A marketplace that appends no path may call any. */
static bool check_resources_path(const struct mount *m, const char *field)
{
	const struct url_path *path = &m->addon->resources;

	if (path->count > 0
	    && !is_reserved_path(url_path_text(m->manifest->arena, path))) {
		warn_of_other_end(m, field);
		return true;
	}
	home_file_error(m->manifest, field,
			path->count > 0
				? "has a path that provisor itself uses: use "
				  "another one, such as /%s/resources"
				: "needs a path, such as /%s/resources",
			m->addon->dialect->marketplace);
	m->addon->resources.count = 0;
	return false;
}

/* Mount the resources at the path of the URL in field.  The marketplace appends
 * the dialect's path unless the URL already ends in it.  To a root URL it
 * always appends. */
static bool mount_resources(struct mount *m, const char *field,
			    const char *text, bool is_root)
{
	struct arena *arena = m->manifest->arena;
	const char *own_path = m->addon->dialect->resources_path;
	struct url_path path, own;

	if (!read_mount_path(m, field, text, &path)
	    || !read_own_path(m, own_path, &own))
		return false;
	if (!is_root && has_resources_path(&path, &own))
		path.count -= own.count;
	m->addon->resources = join_paths(arena, &path, &own);
	mount_notifications(m, &path);
	return check_resources_path(m, field);
}

static void check_sso_path(const struct mount *m, const char *field)
{
	const struct url_path *path = &m->addon->sso;

	if (!json_member(m->api, "sso_salt"))
		home_file_warn(
			m->manifest,
			arena_join(m->manifest->arena, m->prefix, "sso_salt"),
			"is missing, so customers cannot sign on: use a "
			"random string of 32 characters");
	if (is_reserved_path(url_path_text(m->manifest->arena, path)))
		home_file_error(m->manifest, field,
				"has a path that provisor itself uses: use "
				"another one, such as /sso/login");
}

static void mount_sso(struct mount *m, const struct json *url)
{
	const char *field = arena_printf(m->manifest->arena, "%s%s.sso_url",
					 m->prefix, m->side);

	if (url && read_mount_path(m, field, json_text(url), &m->addon->sso))
		check_sso_path(m, field);
}

static void mount_urls(struct mount *m, const struct json *urls)
{
	const char *field = arena_printf(m->manifest->arena, "%s%s.base_url",
					 m->prefix, m->side);
	const char *base = json_text(json_member(urls, "base_url"));

	if (!base)
		home_file_error(m->manifest, field,
				"is missing: write the URL of this add-on's "
				"resources");
	else if (mount_resources(m, field, base, false))
		mount_sso(m, json_member(urls, "sso_url"));
}

/* A marketplace calls the production URLs.  A manifest for local tests may have
 * only test URLs. */
void mount_read(struct addon *addon, const struct home_file *manifest,
		const struct json *api)
{
	bool is_production = json_member(api, "production");
	struct mount m = {
		.manifest = manifest,
		.addon = addon,
		.api = api,
		.side = is_production ? "production" : "test",
		.prefix = addon->dialect->manifest->api ? "api." : "",
		.url_rules = is_production ? URL_HTTPS : URL_OR_HTTP,
	};
	const struct json *urls = json_member(api, m.side);

	if (json_text(urls))
		(void)!mount_resources(
			&m, arena_join(addon->arena, m.prefix, m.side),
			json_text(urls), true);
	else if (json_is_object(urls))
		mount_urls(&m, urls);
	else
		home_file_error(
			manifest,
			arena_join(addon->arena, m.prefix, "production"),
			"must be an object with base_url and sso_url");
}
