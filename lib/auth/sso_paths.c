/*
 * sso_paths.c - the paths and methods at which add-ons accept sign-ons.
 */
#include "lib/auth/sso.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/addon_index.h"
#include "lib/addon/addons.h"

static bool is_common_sso_path(const struct url_path *path)
{
	return path->count >= 1 && path->count <= 2
		&& strcmp(path->segments[0], "sso") == 0
		&& (path->count == 1
		    || strcmp(path->segments[1], "login") == 0);
}

static bool accepts_at(const struct addon *addon, const struct url_path *path)
{
	return is_common_sso_path(path)
		|| (addon->sso.count > 0 && url_path_equal(&addon->sso, path));
}

static bool accepts_get_of(const struct addon *addon,
			   const struct sso_request *request)
{
	switch (addon->dialect->sso->get) {
	case DIALECT_GET_NOWHERE:
		return false;
	case DIALECT_GET_RESOURCE:
		return request->id && addon->resources.count > 0
			&& url_path_equal(&addon->resources, request->path);
	case DIALECT_GET_SSO_URL:
		return !request->id && accepts_at(addon, request->path);
	}
	return false;
}

bool sso_is_served(const struct addons *addons, struct arena *arena,
		   const struct url_path *path)
{
	return is_common_sso_path(path)
		|| addons_have_sso_path(addons, arena, path);
}

bool sso_accepts_get(const struct addons *addons, const struct url_path *path)
{
	const struct sso_request request = { .path = path, .is_get = true };

	for (int i = 0; i < addons->count; i++)
		if (addons->list[i]->dialect
		    && accepts_get_of(addons->list[i], &request))
			return true;
	return false;
}

bool sso_may_be_for(const struct sso_request *request,
		    const struct addon *addon)
{
	if (!addon->id || !addon->dialect || addon->salts.count == 0)
		return false;
	return request->is_get ? accepts_get_of(addon, request)
			       : accepts_at(addon, request->path);
}
