#include "lib/addon/addon_index.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"

struct addon_index {
	struct name_map *ids;       /* add-ons */
	struct name_map *users;     /* add-ons, by their user name */
	struct name_map *homes;     /* places in the list */
	struct name_map *mounts;    /* by the text of their path */
	struct name_map *sso_paths; /* paths, by their text */
};

/* ---- paths ---- */

/* Different paths may have the same text, because it is decoded. */
static struct addon_mount *find_indexed_mount(const struct name_map *mounts,
					      const char *text,
					      const struct url_path *path)
{
	const struct name_entry *entry = name_map_first(mounts, text);

	for (; entry; entry = name_map_next(entry)) {
		struct addon_mount *mount = entry->value;

		if (url_path_equal(mount->path, path))
			return mount;
	}
	return NULL;
}

static bool has_path(const struct name_map *paths, const char *text,
		     const struct url_path *path)
{
	const struct name_entry *entry = name_map_first(paths, text);

	while (entry && !url_path_equal(entry->value, path))
		entry = name_map_next(entry);
	return entry;
}

/* Return the mount with this path, which is added if there is none. */
static struct addon_mount *add_mount(const struct addons *addons,
				     const struct url_path *path,
				     const struct url_path *resources)
{
	struct name_map *mounts = addons->index->mounts;
	const char *text = url_path_text(addons->arena, path);
	struct addon_mount *mount = find_indexed_mount(mounts, text, path);

	if (mount)
		return mount;
	mount = arena_alloc(addons->arena, sizeof *mount);
	mount->path = path;
	mount->resources = resources;
	name_map_add(mounts, text, mount);
	return mount;
}

static void index_mounts(const struct addons *addons, const struct addon *addon)
{
	struct addon_mount *mount =
		add_mount(addons, &addon->resources, &addon->resources);

	if (addon->dialect) {
		mount->accepts_get |=
			addon->dialect->sso->get == DIALECT_GET_RESOURCE;
		mount->suspends |= addon->dialect->suspends;
	}
	if (addon->notifications.count > 0)
		add_mount(addons, &addon->notifications, &addon->resources);
}

static void index_sso_path(const struct addons *addons, struct addon *addon)
{
	struct name_map *paths = addons->index->sso_paths;
	const char *text = url_path_text(addons->arena, &addon->sso);

	if (!has_path(paths, text, &addon->sso))
		name_map_add(paths, text, &addon->sso);
}

/* ---- all ---- */

void addons_index(struct addons *addons)
{
	struct addon_index *index = arena_alloc(addons->arena, sizeof *index);

	index->ids = name_map_create(addons->arena, addons->count);
	index->users = name_map_create(addons->arena, addons->count);
	index->homes = name_map_create(addons->arena, addons->count);
	index->mounts = name_map_create(addons->arena, addons->count);
	index->sso_paths = name_map_create(addons->arena, addons->count);
	addons->index = index;
	for (int i = 0; i < addons->count; i++) {
		struct addon *addon = addons->list[i];

		if (addon->home)
			name_map_add(index->homes, addon->home,
				     &addons->list[i]);
		if (addon->id)
			name_map_add(index->ids, addon->id, addon);
		if (addon->user)
			name_map_add(index->users, addon->user, addon);
		if (addon->resources.count > 0)
			index_mounts(addons, addon);
		if (addon->sso.count > 0)
			index_sso_path(addons, addon);
	}
}

const struct name_entry *addons_first(const struct addons *addons,
				      const char *id)
{
	return name_map_first(addons->index->ids, id);
}

const struct name_entry *addons_of_user(const struct addons *addons,
					const char *user)
{
	return name_map_first(addons->index->users, user);
}

const struct addon *addons_find_any(const struct addons *addons,
				    const char *marketplace, const char *id)
{
	const struct name_entry *entry = addons_first(addons, id);
	const struct addon *found = NULL;

	for (; entry; entry = name_map_next(entry)) {
		const struct addon *addon = entry->value;

		if (addon->dialect
		    && strcmp(addon->dialect->marketplace, marketplace) == 0
		    && (!found || addon->is_valid))
			found = addon;
	}
	return found;
}

const struct addon *addons_find(const struct addons *addons,
				const char *marketplace, const char *id)
{
	const struct addon *addon = addons_find_any(addons, marketplace, id);

	return addon && addon->is_valid ? addon : NULL;
}

struct addon **addons_find_home(const struct addons *addons, const char *home)
{
	const struct name_entry *entry =
		name_map_first(addons->index->homes, home);

	return entry ? entry->value : NULL;
}

const struct addon_mount *addons_find_mount(const struct addons *addons,
					    struct arena *arena,
					    const struct url_path *path)
{
	return find_indexed_mount(addons->index->mounts,
				  url_path_text(arena, path), path);
}

bool addons_have_sso_path(const struct addons *addons, struct arena *arena,
			  const struct url_path *path)
{
	return has_path(addons->index->sso_paths, url_path_text(arena, path),
			path);
}
